using Larr.Runs;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Models as Hugging Face folders: <c>config.json</c>, <c>tokenizer.json</c> and safetensors, in one file or in shards.</summary>
public static class HuggingFaceFolder
{
    const string ConfigFile = "config.json";

    /// <summary>
    /// Loads decoder (float32 masters) and tokenizer. Weights go from the file to their place in pieces of a few MiB, so that loading takes
    /// hardly more memory than the masters.
    /// </summary>
    /// <exception cref="InputException">
    /// A file is missing, cut off or malformed, the architecture is unknown, or a tensor is missing, unexpected or of another shape.
    /// </exception>
    public static (Decoder Decoder, TextTokenizer Tokenizer) Load(string folder)
    {
        if (!Directory.Exists(folder)) throw new InputException(folder, "folder not found");
        string configFile = Path.Combine(folder, ConfigFile);
        DecoderConfig config = DecoderConfigFile.Read(configFile);
        TextTokenizer tokenizer = TextTokenizer.Load(folder);
        if (tokenizer.VocabularySize > config.VocabularySize)
            throw new InputException(configFile, "vocab_size", $"{config.VocabularySize}", $"at least the tokenizer's {tokenizer.VocabularySize}");
        using var shards = new HuggingFaceShards(folder);
        CheckShapes(config, shards, folder);
        var decoder = new Decoder(config);
        try
        {
            ReadWeights(decoder, shards);
        }
        catch
        {
            decoder.Dispose();
            throw;
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
        SafetensorsWriter.Write(Path.Combine(folder, HuggingFaceShards.WeightsFile), tensors, type);
        DecoderConfigFile.Write(decoder.Config, Path.Combine(folder, ConfigFile), type.ToString().ToLowerInvariant(), tokenizer.BeginId ?? tokenizer.EndId, tokenizer.EndId);
        tokenizer.Save(folder);
    }

    // Before any memory is taken, so that a config.json that lies about its tensors is found at once.
    static void CheckShapes(DecoderConfig config, HuggingFaceShards shards, string folder)
    {
        string prefix = Prefix(shards);
        HashSet<string> used = [];
        foreach (WeightName name in HuggingFaceNames.Table(config))
            foreach ((string full, long rows) in name.Parts)
            {
                string theirs = Theirs(full, prefix);
                SafetensorsReader reader = shards.ReaderOf(theirs) ?? throw new InputException(folder, $"tensor {theirs} is missing");
                long[] found = reader.Entries[theirs].Shape, expected = name.Columns is { } columns ? [rows, columns] : [rows];
                if (!found.SequenceEqual(expected))
                    throw new InputException(folder, theirs, $"shape [{string.Join(", ", found)}]", $"[{string.Join(", ", expected)}] as config.json has it");
                used.Add(theirs);
            }
        string? unexpected = shards.Names.FirstOrDefault(n => !used.Contains(n) && n != "lm_head.weight" && !n.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal));
        if (unexpected is not null) throw new InputException(folder, "tensor", unexpected, "no tensors that config.json has no place for");
    }

    static void ReadWeights(Decoder decoder, HuggingFaceShards shards)
    {
        using var noGrad = no_grad();
        string prefix = Prefix(shards);
        Dictionary<string, Tensor> weights = decoder.state_dict();
        foreach (WeightName name in HuggingFaceNames.Table(decoder.Config))
        {
            using var scope = NewDisposeScope();
            long begin = 0;
            foreach ((string full, long rows) in name.Parts)
            {
                string theirs = Theirs(full, prefix);
                shards.ReaderOf(theirs)!.ReadInto(theirs, weights[name.Ours].narrow(0, begin, rows));
                begin += rows;
            }
        }
    }

    // Checkpoints of bare bodies, such as embedding models, leave the prefix out.
    static string Prefix(HuggingFaceShards shards) => shards.ReaderOf("model.norm.weight") is null ? "model." : "";

    static string Theirs(string name, string prefix) => name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
}
