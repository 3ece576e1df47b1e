using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Contrast;

/// <summary>
/// Encodes texts of the pool by their numbers. Texts are sorted by length and cut into runs of similar length, each right-padded to its longest,
/// so that hardly any padding is computed.
/// </summary>
/// <param name="encoder">The encoder.</param>
/// <param name="tokens">Token ids of every text of the pool.</param>
public sealed class BatchEncoder(TextEncoder encoder, IReadOnlyList<int[]> tokens)
{
    const double MostPadding = 1.25;
    const int MostTokens = 8192;

    /// <summary>Tokens encoded so far, padding not counted.</summary>
    public long Tokens { get; private set; }

    /// <summary>Tokens of a text.</summary>
    public int LengthOf(int text) => tokens[text].Length;

    /// <summary>Unit vectors [N,D] of N distinct texts, in their order.</summary>
    public Tensor Encode(IReadOnlyList<int> texts)
    {
        using var scope = NewDisposeScope();
        int[] order = [.. Enumerable.Range(0, texts.Count).OrderBy(i => tokens[texts[i]].Length).ThenBy(i => i)];
        var runs = new List<Tensor>();
        for (int start = 0, end; start < order.Length; start = end)
        {
            int shortest = tokens[texts[order[start]]].Length;
            for (end = start + 1; end < order.Length; end++)
            {
                int longest = tokens[texts[order[end]]].Length;
                if (longest > MostPadding * shortest + 1 || longest * (end + 1 - start) > MostTokens) break;
            }
            runs.Add(Run([.. order[start..end].Select(i => tokens[texts[i]])]));
        }
        long[] place = new long[order.Length];
        for (int i = 0; i < order.Length; i++) place[order[i]] = i;
        return cat(runs).index_select(0, tensor(place, device: runs[0].device)).MoveToOuterDisposeScope();
    }

    /// <summary>The vectors of texts as arrays, without gradients.</summary>
    public Dictionary<int, float[]> Vectors(IEnumerable<int> texts, CancellationToken cancel)
    {
        using var noGrad = no_grad();
        var vectors = new Dictionary<int, float[]>();
        foreach (int[] part in texts.Distinct().OrderBy(t => tokens[t].Length).ThenBy(t => t).Chunk(512))
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            float[] flat = Encode(part).cpu().data<float>().ToArray();
            int dimension = flat.Length / part.Length;
            for (int i = 0; i < part.Length; i++) vectors[part[i]] = flat[(i * dimension)..((i + 1) * dimension)];
        }
        return vectors;
    }

    Tensor Run(int[][] rows)
    {
        int longest = rows[^1].Length;
        long[] ids = new long[rows.Length * longest];
        for (int r = 0; r < rows.Length; r++)
            for (int t = 0; t < rows[r].Length; t++) ids[r * longest + t] = rows[r][t];
        Tokens += rows.Sum(r => r.Length);
        Device device = encoder.LanguageModel.EmbeddingWeight.device;
        return encoder.forward(
            tensor(ids, [rows.Length, longest], device: device),
            tensor(rows.Select(r => (long)r.Length).ToArray(), device: device));
    }
}
