using System.Numerics.Tensors;
using Larr.Embed;
using Larr.Index;
using Larr.Runs;

namespace Larr.Tests.Index;

/// <summary>Made-up rows and an embedder that gives every text its own unit vector.</summary>
static partial class Rows
{
    public static readonly VectorIdentity Identity = new("model-a", "tokenizer-a", "template-a", "mean", 8);

    public static ValueText[] Of(int count, string said = "it is") =>
        [.. Enumerable.Range(0, count).Select(i => new ValueText(i % 3 == 0 ? "meal" : "weather", $"value {i}", $"{said} value {i}", i))];

    /// <summary>The same rows, of which the last <paramref name="changed"/> are said otherwise.</summary>
    public static ValueText[] Changed(ValueText[] rows, int changed, string said) =>
        [.. rows.Select((r, i) => i < rows.Length - changed ? r : r with { Text = $"{said} {r.Value}" })];

    public static float[] Vector(string text, int dimension = 8)
    {
        var random = new Random(unchecked((int)(ulong)ContentHash.Of("", text)));
        float[] vector = [.. Enumerable.Range(0, dimension).Select(_ => random.NextSingle() - 0.5f)];
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm(vector), vector);
        return vector;
    }

    public static float[][] Embed(IReadOnlyList<string> texts) => [.. texts.Select(t => Vector(t))];

    public static RefreshReport Refresh(IndexFolder folder, IReadOnlyList<ValueText> rows, IndexConfig? config = null) =>
        IndexRefresh.Run(config ?? new IndexConfig(), folder, Identity, rows, Embed);

    /// <summary>An index whose writes are not flushed to the platter, for tests that write often and pull no plug.</summary>
    public static IndexFolder Unflushed(string path) => new(path) { Disk = new UnflushedDisk() };

    sealed class UnflushedDisk : Disk
    {
        public override void Flush(Stream stream) => stream.Flush();

        public override void FlushFolder(string folder) { }
    }

    /// <summary>The files of an index that make up its state, by their path within it.</summary>
    public static Dictionary<string, byte[]> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => !Path.GetFileName(f).StartsWith("writer.lock", StringComparison.Ordinal))
            .ToDictionary(f => Path.GetRelativePath(folder, f), File.ReadAllBytes);
}
