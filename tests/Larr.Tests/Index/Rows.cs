using System.Numerics.Tensors;
using Larr.Embed;
using Larr.Index;

namespace Larr.Tests.Index;

/// <summary>Made-up rows and an embedder that gives every text its own unit vector.</summary>
static class Rows
{
    public static readonly VectorIdentity Identity = new("model-a", "tokenizer-a", "template-a", "mean", 8);

    public static ValueText[] Of(int count, string said = "it is") =>
        [.. Enumerable.Range(0, count).Select(i => new ValueText(i % 3 == 0 ? "meal" : "weather", $"value {i}", $"{said} value {i}", i))];

    public static float[] Vector(string text, int dimension = 8)
    {
        var random = new Random(unchecked((int)(ulong)ContentHash.Of("", text)));
        float[] vector = [.. Enumerable.Range(0, dimension).Select(_ => random.NextSingle() - 0.5f)];
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm(vector), vector);
        return vector;
    }

    public static float[][] Embed(IReadOnlyList<string> texts) => [.. texts.Select(t => Vector(t))];

    public static RefreshReport Refresh(IndexFolder folder, IReadOnlyList<ValueText> rows) =>
        IndexRefresh.Run(new IndexConfig(), folder, Identity, rows, Embed);
}
