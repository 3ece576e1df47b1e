using System.Runtime.InteropServices;
using Larr.Gguf;
using Larr.Model;
using Larr.Runs;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Export;

/// <summary>Writes a decoder and its tokenizer as a GGUF file that llama.cpp loads.</summary>
public static class GgufExport
{
    const int ChunkValues = 1 << 20;

    /// <summary>Writes the file, aside first.</summary>
    /// <param name="decoder">The decoder.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="file">The file to write.</param>
    /// <param name="type">
    /// F32, F16, BF16, Q8_0 or Q4_0: the type of the matrices. Norms and biases are F32, and a matrix whose rows are no whole blocks is F16.
    /// </param>
    /// <param name="headless">Without output head: for embeddings.</param>
    /// <exception cref="InputException">A weight is not finite or does not fit float16, or llama.cpp cannot have the tokenizer.</exception>
    public static void Write(Decoder decoder, TextTokenizer tokenizer, string file, GgmlType type, bool headless)
    {
        DecoderConfig config = decoder.Config;
        string architecture = GgufArchitecture.Of(config, headless);
        Dictionary<string, object> values = new(GgufMetadata.Of(config, architecture, Path.GetFileNameWithoutExtension(file), type).Concat(GgufTokenizer.Of(tokenizer, config.VocabularySize)));
        Dictionary<string, Tensor> weights = decoder.state_dict();
        List<GgufSource> tensors = [];
        foreach (WeightName name in HuggingFaceNames.Table(config))
        {
            Tensor weight = weights[name.Ours];
            long begin = 0;
            foreach ((string theirs, long rows) in name.Parts)
            {
                long first = begin;
                begin += rows;
                if (headless && theirs == "lm_head.weight") continue;
                int pairsOf = GgufArchitecture.Interleaved(architecture) && IsRotated(theirs) ? config.HeadWidth : 0;
                long[] shape = [rows, .. weight.shape[1..]];
                tensors.Add(new(GgufNames.Of(theirs), TypeOf(shape, type), shape, () => Chunks(weight, first, rows, pairsOf, theirs, TypeOf(shape, type))));
            }
        }
        if (GgufRope.Factors(config, architecture) is { } factors) tensors.Add(new(GgufRope.FactorsName, GgmlType.F32, [factors.Length], () => [factors]));
        GgufWriter.Write(file, values, tensors);
    }

    /// <summary>Whether a tensor of a Hugging Face checkpoint has the rows of queries or keys, which rotary positions turn in pairs.</summary>
    internal static bool IsRotated(string name) => name.Contains(".q_proj.", StringComparison.Ordinal) || name.Contains(".k_proj.", StringComparison.Ordinal);

    static GgmlType TypeOf(long[] shape, GgmlType asked) =>
        shape.Length == 1 ? GgmlType.F32 : asked.Bytes(shape) is null ? GgmlType.F16 : asked;

    static IEnumerable<float[]> Chunks(Tensor weight, long first, long rows, int pairsOf, string name, GgmlType type)
    {
        // Whole heads at a time, so that their rows can change places within a chunk.
        long width = weight.Dimensions == 1 ? 1 : weight.size(1), unit = Math.Max(1, pairsOf);
        long step = Math.Max(1, ChunkValues / (width * unit)) * unit;
        for (long at = 0; at < rows; at += step) yield return Rows(weight, first + at, Math.Min(step, rows - at), pairsOf, name, type);
    }

    static float[] Rows(Tensor weight, long first, long count, int pairsOf, string name, GgmlType type)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor rows = weight.narrow(0, first, count);
        // Row s · d/2 + i of a head becomes its row 2i + s.
        if (pairsOf > 0) rows = rows.reshape(count / pairsOf, 2, pairsOf / 2, -1).transpose(1, 2).reshape(weight.Dimensions == 1 ? [count] : [count, -1]);
        Tensor plain = rows.to(ScalarType.Float32).cpu().contiguous();
        float most = type == GgmlType.F16 ? (float)Half.MaxValue : float.MaxValue;
        float[] values = MemoryMarshal.Cast<byte, float>(plain.bytes).ToArray();
        foreach (float value in values)
            if (!(MathF.Abs(value) <= most)) throw new InputException(name, "weight", $"{value}", type == GgmlType.F16 ? $"at most {most}, as {type} holds" : "finite numbers");
        return values;
    }
}
