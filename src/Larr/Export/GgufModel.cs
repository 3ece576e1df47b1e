using Larr.Gguf;
using Larr.Model;
using Larr.Runs;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Export;

/// <summary>Reads a GGUF file of the architectures llama, qwen2 and qwen3 into a decoder: the way back of <see cref="GgufExport"/>.</summary>
public static class GgufModel
{
    /// <summary>Loads decoder (float32 masters) and tokenizer.</summary>
    /// <exception cref="InputException">The file is malformed, of another architecture, stretched for long texts, or of a tensor type that is not decoded here.</exception>
    public static (Decoder Decoder, TextTokenizer Tokenizer) Load(string file)
    {
        using var reader = new GgufReader(file);
        TextTokenizer tokenizer = GgufVocabulary.Read(reader.Values, file);
        DecoderConfig config = Config(reader, file);
        if (tokenizer.VocabularySize > config.VocabularySize) throw new InputException(file, "token_embd.weight", $"{config.VocabularySize} rows", $"at least the tokenizer's {tokenizer.VocabularySize}");
        var decoder = new Decoder(config, seed: 0);
        try
        {
            ReadWeights(decoder, reader, file);
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
        return (decoder, tokenizer);
    }

    static DecoderConfig Config(GgufReader reader, string file)
    {
        GgufValues values = reader.Values;
        string architecture = values.Text("general.architecture");
        if (architecture is not ("llama" or "qwen2" or "qwen3")) throw new InputException(file, "general.architecture", architecture, "llama, qwen2 or qwen3");
        if (values.Has($"{architecture}.rope.scaling.type") && values.Text($"{architecture}.rope.scaling.type") != "none" || reader.Tensors.ContainsKey(GgufRope.FactorsName))
            throw new InputException(file, $"{architecture}.rope.scaling.type", "stretched positions", "none, or the engine llama");
        int width = Number("embedding_length"), heads = Number("attention.head_count");
        bool biased = reader.Tensors.ContainsKey("blk.0.attn_q.bias"), outputBiased = reader.Tensors.ContainsKey("blk.0.attn_output.bias");
        try
        {
            var config = new DecoderConfig
            {
                VocabularySize = (int)(reader.Tensors.GetValueOrDefault("token_embd.weight")?.Shape[0] ?? throw new InputException(file, "tensor token_embd.weight is missing")),
                Width = width,
                Layers = Number("block_count"),
                Heads = heads,
                KeyValueHeads = Number("attention.head_count_kv", heads),
                HeadWidth = Number("attention.key_length", heads > 0 ? width / heads : 0),
                FeedForwardWidth = Number("feed_forward_length"),
                MaxLength = Number("context_length"),
                RopeTheta = values.Has($"{architecture}.rope.freq_base") ? values.Real($"{architecture}.rope.freq_base") : 10000,
                // A float32 in the file: the shortest number that is meant, 1e-5 and not 0.00000999999975.
                NormEpsilon = (double)(decimal)(float)values.Real($"{architecture}.attention.layer_norm_rms_epsilon"),
                TiedHead = !reader.Tensors.ContainsKey("output.weight"),
                AttentionBias = biased,
                OutputBias = outputBiased,
                QueryKeyNorm = architecture == "qwen3",
            };
            config.Validate();
            return config;
        }
        catch (ArgumentException e)
        {
            throw new InputException(file, e.Message.ReplaceLineEndings(" "));
        }

        int Number(string key, int? otherwise = null)
        {
            string full = $"{architecture}.{key}";
            if (otherwise is { } value && !values.Has(full)) return value;
            long number = values.Number(full);
            return number is > 0 and <= int.MaxValue ? (int)number : throw new InputException(file, full, $"{number}", "a positive number");
        }
    }

    static void ReadWeights(Decoder decoder, GgufReader reader, string file)
    {
        DecoderConfig config = decoder.Config;
        bool interleaved = GgufArchitecture.Interleaved(reader.Values.Text("general.architecture"));
        Dictionary<string, Tensor> weights = decoder.state_dict();
        HashSet<string> used = [];
        foreach (WeightName name in HuggingFaceNames.Table(config))
        {
            long begin = 0;
            foreach ((string theirs, long rows) in name.Parts)
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                string tensorName = GgufNames.Of(theirs);
                Tensor place = weights[name.Ours].narrow(0, begin, rows);
                if (!reader.Tensors.TryGetValue(tensorName, out GgufTensor? found)) throw new InputException(file, $"tensor {tensorName} is missing");
                if (!found.Shape.SequenceEqual(place.shape))
                    throw new InputException(file, tensorName, $"shape [{string.Join(", ", found.Shape)}]", $"[{string.Join(", ", place.shape)}] as the metadata has it");
                Tensor read = from_array(reader.Read(tensorName));
                // Row 2i + s of a head becomes its row s · d/2 + i.
                if (interleaved && GgufExport.IsRotated(theirs)) read = read.reshape(rows / config.HeadWidth, config.HeadWidth / 2, 2, -1).transpose(1, 2);
                place.copy_(read.reshape(place.shape));
                used.Add(tensorName);
                begin += rows;
            }
        }
        string? unexpected = reader.Tensors.Keys.FirstOrDefault(t => !used.Contains(t) && !t.EndsWith("attn_rot_embd", StringComparison.Ordinal));
        if (unexpected is not null) throw new InputException(file, "tensor", unexpected, "no tensors that the metadata has no place for");
    }
}
