using System.Text.Json;
using Larr.Runs;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Models as Hugging Face folders: <c>config.json</c>, <c>tokenizer.json</c> and safetensors, in one file or in shards.</summary>
public static class HuggingFaceFolder
{
    const string ConfigFile = "config.json", WeightsFile = "model.safetensors", IndexFile = "model.safetensors.index.json";

    /// <summary>Loads decoder (float32 masters) and tokenizer.</summary>
    /// <exception cref="InputException">
    /// A file is missing, cut off or malformed, the architecture is unknown, or a tensor is missing, unexpected or of another shape.
    /// </exception>
    public static (Decoder Decoder, TextTokenizer Tokenizer) Load(string folder)
    {
        if (!Directory.Exists(folder)) throw new InputException(folder, "folder not found");
        DecoderConfig config = DecoderConfigFile.Read(Path.Combine(folder, ConfigFile));
        TextTokenizer tokenizer = TextTokenizer.Load(folder);
        if (tokenizer.VocabularySize > config.VocabularySize)
            throw new InputException(Path.Combine(folder, ConfigFile), "vocab_size", $"{config.VocabularySize}", $"at least the tokenizer's {tokenizer.VocabularySize}");
        var decoder = new Decoder(config, seed: 0);
        Dictionary<string, SafetensorsReader> readers = Open(folder);
        try
        {
            LoadWeights(decoder, readers, folder);
        }
        finally
        {
            foreach (SafetensorsReader reader in readers.Values.Distinct()) reader.Dispose();
        }
        return (decoder, tokenizer);
    }

    /// <summary>Writes the folder; weights are rounded to <paramref name="type"/> (float32, float16 or bfloat16).</summary>
    public static void Save(Decoder decoder, TextTokenizer tokenizer, string folder, ScalarType type)
    {
        Directory.CreateDirectory(folder);
        Dictionary<string, Tensor> weights = decoder.state_dict();
        List<(string, long[], Func<Tensor>)> tensors = [];
        foreach (WeightName name in HuggingFaceNames.Table(decoder.Config))
        {
            Tensor weight = weights[name.Ours];
            long begin = 0;
            foreach ((string theirs, long rows) in name.Parts)
            {
                long first = begin;
                tensors.Add((theirs, [rows, .. weight.shape[1..]], () => weight.narrow(0, first, rows)));
                begin += rows;
            }
        }
        SafetensorsWriter.Write(Path.Combine(folder, WeightsFile), tensors, type);
        DecoderConfigFile.Write(decoder.Config, Path.Combine(folder, ConfigFile), type.ToString().ToLowerInvariant(), tokenizer.EndId);
        tokenizer.Save(folder);
    }

    static void LoadWeights(Decoder decoder, Dictionary<string, SafetensorsReader> readers, string folder)
    {
        using var noGrad = no_grad();
        // Checkpoints of bare bodies, such as embedding models, leave the prefix out.
        string prefix = readers.ContainsKey("model.norm.weight") ? "" : "model.";
        Dictionary<string, Tensor> weights = decoder.state_dict();
        HashSet<string> used = [];
        foreach (WeightName name in HuggingFaceNames.Table(decoder.Config))
        {
            using var scope = NewDisposeScope();
            Tensor weight = weights[name.Ours];
            long begin = 0;
            foreach ((string full, long rows) in name.Parts)
            {
                string theirs = full.StartsWith(prefix, StringComparison.Ordinal) ? full[prefix.Length..] : full;
                if (!readers.TryGetValue(theirs, out SafetensorsReader? reader)) throw new InputException(folder, $"tensor {theirs} is missing");
                Tensor read = reader.Read(theirs), rowsOfWeight = weight.narrow(0, begin, rows);
                if (!read.shape.SequenceEqual(rowsOfWeight.shape))
                    throw new InputException(folder, theirs, $"shape [{string.Join(", ", read.shape)}]", $"[{string.Join(", ", rowsOfWeight.shape)}] as config.json has it");
                rowsOfWeight.copy_(read);
                used.Add(theirs);
                begin += rows;
            }
        }
        string? unexpected = readers.Keys.FirstOrDefault(n => !used.Contains(n) && n != "lm_head.weight" && !n.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal));
        if (unexpected is not null) throw new InputException(folder, "tensor", unexpected, "no tensors that config.json has no place for");
    }

    /// <summary>The reader that holds each tensor.</summary>
    static Dictionary<string, SafetensorsReader> Open(string folder)
    {
        string index = Path.Combine(folder, IndexFile);
        string[] files = File.Exists(index) ? Shards(index) : [WeightsFile];
        Dictionary<string, SafetensorsReader> readers = [];
        try
        {
            foreach (string file in files)
            {
                var reader = new SafetensorsReader(Path.Combine(folder, file));
                if (reader.Entries.Count == 0) reader.Dispose();
                foreach (string name in reader.Entries.Keys)
                    if (!readers.TryAdd(name, reader)) throw new InputException(Path.Combine(folder, file), "tensor", $"{name} a second time", "each tensor in one shard");
            }
        }
        catch
        {
            foreach (SafetensorsReader reader in readers.Values.Distinct()) reader.Dispose();
            throw;
        }
        return readers;
    }

    static string[] Shards(string index)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(index));
            return [.. json.RootElement.GetProperty("weight_map").EnumerateObject().Select(p => Path.GetFileName(p.Value.GetString()!)).Distinct()];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentNullException)
        {
            throw new InputException(index, "content", "malformed JSON", "weight_map: tensor → file");
        }
    }
}
