using System.Runtime.InteropServices;
using Larr.Align;
using Larr.Data;
using Larr.Embed;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Ctr.Inputs;

/// <summary>
/// Frozen text vectors of items and users as features of a click model, which projects each with a trained linear layer: what is known of an
/// item before anyone clicked it. Standardised by the items and users of the training part, as the scene's vectors are.
/// </summary>
public sealed class TextFeatures
{
    readonly float[][] _vectors;
    readonly string[][] _owners;

    TextFeatures(string[] fields, int dimension, float[][] vectors, string[][] owners) => (Fields, Dimension, _vectors, _owners) = (fields, dimension, vectors, owners);

    /// <summary>The item's and the user's field, as far as they have texts.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>Length D of a vector.</summary>
    public int Dimension { get; }

    /// <summary>Reads what <see cref="OwnerTextStage"/> wrote for <paramref name="table"/>.</summary>
    public static TextFeatures Read(string folder, ImpressionTable table)
    {
        OwnerTextReport report = StageContext.ReadReport<OwnerTextReport>(folder);
        return Of(table, report.Identity.Dimension, [.. report.Owners.Keys.Select(field =>
        {
            using var column = new ColumnFile<float>(Path.Combine(folder, OwnerTextStage.FileOf(field)));
            return (field, column.Span.ToArray());
        })]);
    }

    /// <summary>Takes vectors [values of the field, D] per field; they are standardised in place.</summary>
    /// <exception cref="InputException">A field has another number of values.</exception>
    public static TextFeatures Of(ImpressionTable table, int dimension, IReadOnlyList<(string Field, float[] Vectors)> features)
    {
        foreach ((string field, float[] vectors) in features)
        {
            int values = table.Values(field).Count;
            if (vectors.Length != values * dimension) throw new InputException("text vectors", field, $"{vectors.Length} numbers", $"{values} vectors of {dimension}");
            // An owner without a text has zeros, before and after.
            bool[] described = [.. Enumerable.Range(0, values).Select(v => vectors.AsSpan(v * dimension, dimension).ContainsAnyExcept(0f))], seen = new bool[values];
            ReadOnlySpan<int> codes = table.Codes(field);
            ReadOnlySpan<Part> parts = table.Parts;
            for (int r = 0; r < codes.Length; r++) seen[codes[r]] |= parts[r] == Part.Train && described[codes[r]];
            SceneVectors.Standardise(vectors, dimension, seen);
            for (int v = 0; v < values; v++)
                if (!described[v]) vectors.AsSpan(v * dimension, dimension).Clear();
        }
        return new TextFeatures([.. features.Select(f => f.Field)], dimension, [.. features.Select(f => f.Vectors)], [.. features.Select(f => table.Values(f.Field).ToArray())]);
    }

    /// <summary>Vectors of some rows, one matrix [rows, D] per feature.</summary>
    public IReadOnlyList<Tensor> Batch(ImpressionTable table, ReadOnlySpan<int> rows, Device device)
    {
        var batch = new Tensor[Fields.Count];
        for (int t = 0; t < batch.Length; t++)
        {
            ReadOnlySpan<int> codes = table.Codes(Fields[t]);
            Tensor host = empty(rows.Length, Dimension);
            Span<float> floats = MemoryMarshal.Cast<byte, float>(host.bytes);
            for (int b = 0; b < rows.Length; b++) _vectors[t].AsSpan(codes[rows[b]] * Dimension, Dimension).CopyTo(floats[(b * Dimension)..]);
            batch[t] = host.to(device);
        }
        return batch;
    }

    /// <summary>The values of a feature's field.</summary>
    internal IReadOnlyList<string> Owners(int feature) => _owners[feature];

    /// <summary>All vectors of a feature, [1 + values, D]; the first is zeros, which stand for an owner without a text.</summary>
    internal Tensor All(int feature, Device device) =>
        cat([zeros(1, Dimension, device: device), tensor(_vectors[feature], device: device).view(-1, Dimension)]);
}
