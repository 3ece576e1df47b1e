using System.Text.Json.Nodes;

namespace Larr.Embed.Bulk;

/// <summary>
/// Answers every line of a pipe with one line of JSON, in order: value, hash and vector, or value and error where the text has no vector.
/// Made for programs that pipe partitions through a command, such as Spark.
/// </summary>
/// <param name="embedder">The model.</param>
/// <param name="config">Template, and what happens to bad lines.</param>
public sealed class PipeEmbedding(PackedEmbedder embedder, BulkConfig config)
{
    /// <summary>Vectors that are remembered from one block of lines to the next.</summary>
    const int Remembered = 100_000;

    readonly Dictionary<UInt128, float[]> _known = [];

    /// <summary>Reads lines until the pipe ends.</summary>
    public void Run(Stream input, TextWriter output, CancellationToken cancel)
    {
        var bad = new BadTextCount("standard input", config.Bad);
        long row = 0;
        foreach (string?[] lines in new LineReader(input, bad).Values().Chunk(config.BlockValues))
        {
            Answer(lines, row, bad, output, cancel);
            row += lines.Length;
        }
    }

    void Answer(string?[] lines, long before, BadTextCount bad, TextWriter output, CancellationToken cancel)
    {
        for (int i = 0; i < lines.Length; i++)
            if (lines[i] is not null && string.IsNullOrWhiteSpace(lines[i])) bad.AddEmpty(before + i + 1);
        string[] values = [.. lines.Where(l => !string.IsNullOrWhiteSpace(l)).Distinct()!];
        UInt128[] hashes = [.. values.Select(v => ContentHash.Of(config.Column, config.Say(v)))];
        int[] unknown = [.. Enumerable.Range(0, values.Length).Where(i => !_known.ContainsKey(hashes[i]))];
        float[][] vectors = embedder.EmbedAny([.. unknown.Select(i => config.Say(values[i]))], null, cancel).Vectors;
        if (_known.Count + unknown.Length > Remembered)
        {
            // What this block still needs is computed above or comes from before: keep the latter.
            Dictionary<UInt128, float[]> needed = hashes.Where(_known.ContainsKey).Distinct().ToDictionary(h => h, h => _known[h]);
            _known.Clear();
            foreach ((UInt128 hash, float[] vector) in needed) _known[hash] = vector;
        }
        for (int u = 0; u < unknown.Length; u++) _known[hashes[unknown[u]]] = vectors[u];
        var part = new Part(values, hashes, [.. hashes.Select(h => _known[h])], embedder.Form);
        Dictionary<string, int> at = values.Select((v, i) => (v, i)).ToDictionary(p => p.v, p => p.i);
        for (int i = 0; i < lines.Length; i++)
            output.Write(Line(lines[i], before + i + 1, part, at).ToJsonString(Part.Json) + "\n");
        output.Flush();
    }

    JsonObject Line(string? line, long row, Part part, Dictionary<string, int> at)
    {
        if (line is null) return new JsonObject { ["value"] = null, ["error"] = "no UTF-8" };
        if (!at.TryGetValue(line, out int i)) return new JsonObject { ["value"] = line, ["error"] = "empty" };
        if (part.Vectors[i].Length > 0) return part.Line(i, withVector: true);
        if (config.Bad == BadText.Refuse) throw new Runs.InputException("standard input", $"row {row}", $"\"{line}\", whose vector is not finite", "a text that the model can embed, or --bad count");
        return new JsonObject { ["value"] = line, ["error"] = "not finite" };
    }
}
