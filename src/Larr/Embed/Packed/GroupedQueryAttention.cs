using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Larr.Kernels;
using Larr.Model;

namespace Larr.Embed.Packed;

/// <summary>
/// Grouped-query attention (arXiv 2305.13245) of each text over its own path, in float32 and in tiles of eight queries and 32 keys. A query
/// reads its keys, those up to its own position or all of the text's, one after another, so that its result does not depend on what else is in the batch.
/// </summary>
sealed unsafe class GroupedQueryAttention : IAttention
{
    const int QueryTile = PackedMatrix.RowTile, KeyTile = PackedMatrix.ColumnTile;

    readonly bool _causal;
    readonly int _heads, _keyValueHeads, _width, _panels;
    readonly float* _keys, _values, _weights, _result;
    readonly List<Rows<Float32Element>> _rooms = [];

    /// <summary>Room for texts of at most <paramref name="longest"/> tokens.</summary>
    public GroupedQueryAttention(DecoderConfig config, TextAttention attention, int longest)
    {
        _causal = attention == TextAttention.Causal;
        (_heads, _keyValueHeads, _width) = (config.Heads, config.KeyValueHeads, config.HeadWidth);
        _panels = (_width + KeyTile - 1) / KeyTile;
        int padded = (longest + KeyTile - 1) / KeyTile * KeyTile;
        _keys = Room(padded * _width);
        _values = Room(_panels * padded * KeyTile);
        _weights = Room(QueryTile * padded);
        _result = Room(QueryTile * KeyTile);
    }

    /// <inheritdoc/>
    public void Attend(Rows<Float32Element> q, Rows<Float32Element> k, Rows<Float32Element> v, ReadOnlySpan<int> path, int firstQuery, int queries, Rows<Float32Element> y)
    {
        int length = path.Length, group = _heads / _keyValueHeads, rows = queries * group, before = path.Length - queries;
        float** query = stackalloc float*[QueryTile], weight = stackalloc float*[QueryTile];
        float* inverse = stackalloc float[QueryTile];
        for (int shared = 0; shared < _keyValueHeads; shared++)
        {
            PackKeys(k, path, shared);
            PackValues(v, path, shared);
            for (int first = 0; first < rows; first += QueryTile)
            {
                int count = Math.Min(QueryTile, rows - first);
                int keys = Seen(count - 1), stride = (keys + KeyTile - 1) / KeyTile * KeyTile;
                for (int i = 0; i < QueryTile; i++)
                {
                    query[i] = (float*)q.Row(firstQuery + Token(i)) + (Head(i) * _width);
                    weight[i] = _weights + (i * stride);
                }
                for (int j = 0; j < keys; j += KeyTile) PackedMatrix.Tile(query, _keys + ((long)j * _width), _weights + j, stride, _width);
                for (int i = 0; i < QueryTile; i++) inverse[i] = Softmax(weight[i], Seen(i), keys);
                for (int p = 0; p < _panels; p++)
                {
                    PackedMatrix.Tile(weight, _values + ((long)p * path.Length * KeyTile), _result, KeyTile, keys);
                    int columns = Math.Min(KeyTile, _width - (p * KeyTile));
                    for (int i = 0; i < count; i++)
                        Put(_result + (i * KeyTile), inverse[i], (float*)y.Row(firstQuery + Token(i)) + (Head(i) * _width) + (p * KeyTile), columns);
                }

                // Rows of a tile are pairs of token and head; a tile that is not full computes its last pair several times.
                int Token(int i) => (first + Math.Min(i, count - 1)) / group;
                int Seen(int i) => _causal ? before + Token(i) + 1 : length;
                int Head(int i) => (shared * group) + ((first + Math.Min(i, count - 1)) % group);
            }
        }
    }

    /// <summary>[keys] → [keys/32][d][32].</summary>
    void PackKeys(Rows<Float32Element> k, ReadOnlySpan<int> path, int shared)
    {
        for (int j = 0; j < path.Length; j++)
        {
            float* from = (float*)k.Row(path[j]) + (shared * _width), to = _keys + ((long)(j / KeyTile) * KeyTile * _width) + (j % KeyTile);
            for (int c = 0; c < _width; c++) to[c * KeyTile] = from[c];
        }
    }

    /// <summary>[keys] → [d/32][keys][32].</summary>
    void PackValues(Rows<Float32Element> v, ReadOnlySpan<int> path, int shared)
    {
        for (int p = 0; p < _panels; p++)
        {
            int columns = Math.Min(KeyTile, _width - (p * KeyTile));
            for (int j = 0; j < path.Length; j++)
                new ReadOnlySpan<float>((float*)v.Row(path[j]) + (shared * _width) + (p * KeyTile), columns)
                    .CopyTo(new Span<float>(_values + ((((long)p * path.Length) + j) * KeyTile), columns));
        }
    }

    static void Put(float* from, float factor, float* to, int columns)
    {
        if (columns == KeyTile)
        {
            (Vector512.Load(from) * factor).Store(to);
            (Vector512.Load(from + 16) * factor).Store(to + 16);
        }
        else
            for (int c = 0; c < columns; c++) to[c] = from[c] * factor;
    }

    /// <summary>
    /// Turns the scores of one query into weights over its first <paramref name="limit"/> keys, zero for the rest up to <paramref name="keys"/>; not yet
    /// divided by their sum, whose inverse is returned.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float Softmax(float* scores, int limit, int keys)
    {
        Vector512<float> most = Vector512.Create(float.NegativeInfinity), sum = default;
        for (int j = 0; j < limit; j += 16)
            most = Vector512.MaxNative(most, Vector512.ConditionalSelect(Inside(j, limit), Vector512.Load(scores + j), Vector512.Create(float.NegativeInfinity)));
        Vector256<float> half = Vector256.MaxNative(most.GetLower(), most.GetUpper());
        Vector128<float> quarter = Vector128.MaxNative(half.GetLower(), half.GetUpper());
        float max = MathF.Max(MathF.Max(quarter[0], quarter[1]), MathF.Max(quarter[2], quarter[3]));
        for (int j = 0; j < keys; j += 16)
        {
            Vector512<float> e = Vector512.ConditionalSelect(Inside(j, limit), Exponential.Of(Vector512.Load(scores + j) - Vector512.Create(max)), Vector512<float>.Zero);
            sum += e;
            e.Store(scores + j);
        }
        return 1 / Vector512.Sum(sum);
    }

    static Vector512<float> Inside(int first, int limit) =>
        Vector512.LessThan(Vector512.Create(first) + Vector512<int>.Indices, Vector512.Create(limit)).AsSingle();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Rows<Float32Element> room in _rooms) room.Dispose();
    }

    float* Room(int floats)
    {
        _rooms.Add(new(1, floats));
        return (float*)_rooms[^1].Data;
    }
}
