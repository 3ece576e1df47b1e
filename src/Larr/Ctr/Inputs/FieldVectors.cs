using System.Runtime.InteropServices;
using Larr.Align;
using Larr.Data;
using static TorchSharp.torch;

namespace Larr.Ctr.Inputs;

/// <summary>
/// The fields of the role embedding: frozen vectors made elsewhere, which a click model takes through a trained layer (<see cref="Layers.VectorProjection"/>). A value
/// without a vector has zeros and is said to be absent. Standardised by the keys that the training part shows, as the scene's vectors are: our choice.
/// </summary>
/// <remarks>B rows, D length of a field's vectors, each field its own.</remarks>
public sealed class FieldVectors
{
    readonly KeyedVectors[] _vectors;
    readonly int[][] _rows; // of a code of the table: 1 + position of its key, or 0

    FieldVectors(string[] fields, KeyedVectors[] vectors, int[][] rows) => (Fields, _vectors, _rows) = (fields, vectors, rows);

    /// <summary>The fields, in the order of the table.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>Length of a field's vectors.</summary>
    public int Dimension(int field) => _vectors[field].Dimension;

    /// <summary>What a field's vectors were made with; null where nobody says.</summary>
    public string? Identity(int field) => _vectors[field].Identity;

    /// <summary>Reads what the embedding fields of <paramref name="table"/> name; null where there is no such field.</summary>
    /// <param name="table">The impressions.</param>
    /// <param name="baseFolder">Folder of the experiment file.</param>
    public static FieldVectors? Read(ImpressionTable table, string baseFolder) => Of(table, field => KeyedVectors.Read(field, baseFolder));

    /// <summary>Takes the vectors of each embedding field of <paramref name="table"/>; they are standardised in place. Null where there is no such field.</summary>
    public static FieldVectors? Of(ImpressionTable table, Func<FieldConfig, KeyedVectors> vectorsOf)
    {
        IReadOnlyList<FieldConfig> fields = table.FindAll(FieldRole.Embedding);
        if (fields.Count == 0) return null;
        KeyedVectors[] vectors = [.. fields.Select(vectorsOf)];
        int[][] rows = new int[fields.Count][];
        for (int t = 0; t < rows.Length; t++)
        {
            var keys = new Dictionary<string, int>(vectors[t].Keys.Count);
            foreach (string key in vectors[t].Keys) keys[key] = 1 + keys.Count;
            rows[t] = [.. table.Values(fields[t].Name).Select(v => keys.GetValueOrDefault(v))];
            Standardise(table, fields[t].Name, rows[t], vectors[t]);
        }
        return new FieldVectors([.. fields.Select(f => f.Name)], vectors, rows);
    }

    /// <summary>Vectors of some rows: per field [B, D], and [B, 1] with 1 where a row's value has none.</summary>
    public IReadOnlyList<(Tensor Vectors, Tensor Absent)> Batch(ImpressionTable table, ReadOnlySpan<int> rows, Device device)
    {
        var batch = new (Tensor, Tensor)[Fields.Count];
        for (int t = 0; t < batch.Length; t++)
        {
            ReadOnlySpan<int> codes = table.Codes(Fields[t]);
            int d = Dimension(t);
            (Tensor vectors, Tensor absent) = (zeros(rows.Length, d), zeros(rows.Length, 1));
            Span<float> to = MemoryMarshal.Cast<byte, float>(vectors.bytes), none = MemoryMarshal.Cast<byte, float>(absent.bytes);
            for (int b = 0; b < rows.Length; b++)
            {
                int at = _rows[t][codes[rows[b]]];
                if (at == 0) none[b] = 1;
                else _vectors[t].Vectors.AsSpan((at - 1) * d, d).CopyTo(to[(b * d)..]);
            }
            batch[t] = (vectors.to(device), absent.to(device));
        }
        return batch;
    }

    /// <summary>How many rows of each part have a value without a vector, by field.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<Part, int>> Missing(ImpressionTable table)
    {
        var missing = new Dictionary<string, IReadOnlyDictionary<Part, int>>();
        ReadOnlySpan<Part> parts = table.Parts;
        for (int t = 0; t < Fields.Count; t++)
        {
            int[] count = new int[3];
            ReadOnlySpan<int> codes = table.Codes(Fields[t]);
            for (int r = 0; r < codes.Length; r++)
                if (_rows[t][codes[r]] == 0) count[(int)parts[r]]++;
            missing[Fields[t]] = Enum.GetValues<Part>().ToDictionary(p => p, p => count[(int)p]);
        }
        return missing;
    }

    /// <summary>All keys of a field's file, whether the table shows them or not.</summary>
    internal IReadOnlyList<string> Keys(int field) => _vectors[field].Keys;

    /// <summary>All vectors of a field, [1 + keys, D], zeros first, with [1 + keys, 1], 1 in the first row alone.</summary>
    internal (Tensor Vectors, Tensor Absent) All(int field, Device device)
    {
        int keys = Keys(field).Count;
        Tensor known = from_array(_vectors[field].Vectors).view(keys, Dimension(field));
        return (cat([zeros(1, Dimension(field)), known]).to(device), cat([ones(1, 1), zeros(keys, 1)]).to(device));
    }

    static void Standardise(ImpressionTable table, string field, int[] rows, KeyedVectors vectors)
    {
        bool[] seen = new bool[vectors.Keys.Count];
        ReadOnlySpan<int> codes = table.Codes(field);
        ReadOnlySpan<Part> parts = table.Parts;
        for (int r = 0; r < codes.Length; r++)
            if (parts[r] == Part.Train && rows[codes[r]] > 0) seen[rows[codes[r]] - 1] = true;
        SceneVectors.Standardise(vectors.Vectors, vectors.Dimension, seen);
    }
}
