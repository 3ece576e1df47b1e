using System.Runtime.InteropServices;
using Larr.Data;
using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>The distinct scenes of a batch, each given once.</summary>
/// <param name="Vectors">Frozen vectors of the batch's distinct values, [U, D].</param>
/// <param name="Fields">Which scene field each of them belongs to, int64 [U].</param>
/// <param name="Values">The values of each distinct scene as rows of <paramref name="Vectors"/>, int64 [S, n].</param>
/// <param name="OfRow">The scene of each row of the batch, int64 [B].</param>
public readonly record struct SceneBatch(Tensor Vectors, Tensor Fields, Tensor Values, Tensor OfRow);

/// <summary>
/// The scenes of a table: rows with equal values in all scene fields share one scene. A batch names each scene, and each value, once, and
/// so the aggregation encoder's work grows with the distinct scenes of a batch and not with its rows.
/// </summary>
public sealed class SceneRows
{
    readonly SceneVectors _vectors;
    readonly int[] _ofRow;
    readonly int[] _codes;
    readonly int[] _valueOffsets;
    readonly int[] _sceneSlots;
    readonly int[] _valueSlots;

    /// <summary>Numbers the distinct scenes of all rows.</summary>
    public SceneRows(ImpressionTable table, SceneVectors vectors)
    {
        _vectors = vectors;
        int n = vectors.Fields.Count;
        DistinctScenes scenes = DistinctScenes.Of(table, vectors.Whole ? DistinctScenes.FieldsOf(table) : vectors.Fields);
        _codes = vectors.Whole ? [.. Enumerable.Range(0, scenes.Count)] : scenes.Codes;
        _valueOffsets = new int[n + 1];
        for (int f = 0; f < n; f++) _valueOffsets[f + 1] = _valueOffsets[f] + (vectors.Whole ? scenes.Count : table.Values(vectors.Fields[f]).Count);
        (_ofRow, Count) = (scenes.OfRow, scenes.Count);
        (_sceneSlots, _valueSlots) = (new int[Count], new int[_valueOffsets[n]]);
    }

    /// <summary>The scene number of each row of the table.</summary>
    public ReadOnlySpan<int> Of => _ofRow;

    /// <summary>Number of distinct scenes.</summary>
    public int Count { get; }

    /// <summary>The distinct scenes of <paramref name="rows"/>.</summary>
    public SceneBatch Batch(ReadOnlySpan<int> rows, Device device)
    {
        int n = _vectors.Fields.Count, d = _vectors.Dimension;
        var scenes = new List<int>();
        long[] ofRow = new long[rows.Length];
        for (int b = 0; b < rows.Length; b++)
        {
            int scene = _ofRow[rows[b]];
            if (_sceneSlots[scene] == 0)
            {
                scenes.Add(scene);
                _sceneSlots[scene] = scenes.Count;
            }
            ofRow[b] = _sceneSlots[scene] - 1;
        }
        var values = new List<int>();
        var fields = new List<long>();
        long[] valuesOf = new long[scenes.Count * n];
        for (int s = 0; s < scenes.Count; s++)
        {
            _sceneSlots[scenes[s]] = 0;
            for (int f = 0; f < n; f++)
            {
                int value = _valueOffsets[f] + _codes[scenes[s] * n + f];
                if (_valueSlots[value] == 0)
                {
                    values.Add(value);
                    fields.Add(f);
                    _valueSlots[value] = values.Count;
                }
                valuesOf[s * n + f] = _valueSlots[value] - 1;
            }
        }
        Tensor vectors = empty(values.Count, d);
        Span<float> floats = MemoryMarshal.Cast<byte, float>(vectors.bytes);
        for (int u = 0; u < values.Count; u++)
        {
            _valueSlots[values[u]] = 0;
            int f = (int)fields[u];
            _vectors.Vector(f, values[u] - _valueOffsets[f]).CopyTo(floats[(u * d)..]);
        }
        return new SceneBatch(vectors.to(device), from_array(fields.ToArray()).to(device),
            from_array(valuesOf).view(scenes.Count, n).to(device), from_array(ofRow).to(device));
    }
}
