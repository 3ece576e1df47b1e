using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Embed.Packed;

/// <summary>
/// Grouped-query attention with bfloat16 products: scores and attended values of a block of queries, for all key and value heads at once, are
/// one product each of the tensor library, and what lies beyond a causal block is not computed. The queries of a group are rows of one matrix,
/// so that its keys and values are read once. The softmax is float32. Calls of the library cost as much as a short text's attention: those
/// texts stay with <see cref="GroupedQueryAttention"/>, as do widths that are no multiple of sixteen.
/// </summary>
sealed unsafe class BFloat16Attention : IAttention
{
    /// <summary>Queries of a block. Smaller ones compute less beyond the diagonal and call more often; measured fastest at 512 tokens.</summary>
    const int Block = 128;

    /// <summary>Blocks and texts are filled up to a multiple of this, so that the library meets few shapes, each of which it compiles once.</summary>
    const int Step = 32;

    /// <summary>From here on it is faster than the float32 tiles: level at 192 tokens, 1.5 times as fast at 512, for nine heads of width 64 (<c>bench micro</c>).</summary>
    const int FewestQueries = 192;

    readonly GroupedQueryAttention _exact;
    readonly bool _causal;
    readonly int _keyValueHeads, _group, _width;
    readonly Rows<BFloat16Element>? _queries, _keys, _values;
    readonly float[] _inverse = [];

    /// <summary>Room for texts of at most <paramref name="longest"/> tokens.</summary>
    public BFloat16Attention(DecoderConfig config, TextAttention attention, int longest)
    {
        _exact = new(config, attention, longest);
        _causal = attention == TextAttention.Causal;
        (_keyValueHeads, _group, _width) = (config.KeyValueHeads, config.Heads / config.KeyValueHeads, config.HeadWidth);
        int padded = Padded(longest);
        if (longest < FewestQueries || _width % 16 != 0) return;
        _queries = new(_keyValueHeads * Block, _group * _width);
        _keys = new(_keyValueHeads * padded, _width);
        _values = new(_keyValueHeads * padded, _width);
        _inverse = new float[_keyValueHeads * Block * _group];
    }

    /// <inheritdoc/>
    public void Attend(Rows<Float32Element> q, Rows<Float32Element> k, Rows<Float32Element> v, ReadOnlySpan<int> path, int firstQuery, int queries, Rows<Float32Element> y)
    {
        if (_queries is null || queries < FewestQueries)
        {
            _exact.Attend(q, k, v, path, firstQuery, queries, y);
            return;
        }
        int length = path.Length, before = length - queries;
        PackKeys(k, path);
        PackValues(v, path);
        using var scope = NewDisposeScope();
        Tensor allKeys = View(_keys!, _width, Padded(length)), allValues = View(_values!, Padded(length), _width);
        for (int first = 0; first < queries; first += Block)
        {
            int real = Math.Min(Block, queries - first), block = Padded(real);
            int keys = _causal ? Padded(before + first + real) : Padded(length);
            PackQueries(q, firstQuery + first, real, block);
            Tensor scores = View(_queries, block * _group, _width).bmm(allKeys.narrow(2, 0, keys)); // [K,block·group,keys]
            BFloat16Element* at = Data(scores);
            for (int shared = 0; shared < _keyValueHeads; shared++)
                for (int t = 0; t < real; t++) Weigh(at, (shared * block) + t, _causal ? before + first + t + 1 : length, keys);
            Tensor attended = scores.bmm(allValues.narrow(1, 0, keys)); // [K,block·group,d]
            at = Data(attended);
            for (int shared = 0; shared < _keyValueHeads; shared++)
                for (int t = 0; t < real; t++) Put(at, (shared * block) + t, (float*)y.Row(firstQuery + first + t) + (shared * _group * _width));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _exact.Dispose();
        _queries?.Dispose();
        _keys?.Dispose();
        _values?.Dispose();
    }

    static int Padded(int count) => (count + Step - 1) / Step * Step;

    /// <summary>What a text needs of a room, as [K,rows,columns].</summary>
    Tensor View(Rows<BFloat16Element> room, int rows, int columns) =>
        room.Tensor.view(-1).narrow(0, 0, (long)_keyValueHeads * rows * columns).view(_keyValueHeads, rows, columns);

    static BFloat16Element* Data(Tensor tensor) =>
        (BFloat16Element*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, BFloat16Element>(tensor.bytes)));

    /// <summary>Queries, [K,rows·group,d] with a token's group together; scaled for powers of two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void PackQueries(Rows<Float32Element> q, int firstQuery, int queries, int rows)
    {
        int width = _group * _width;
        for (int shared = 0; shared < _keyValueHeads; shared++)
        {
            BFloat16Element* to = _queries!.Row(shared * rows);
            for (int t = 0; t < queries; t++, to += width)
            {
                float* from = (float*)q.Row(firstQuery + t) + (shared * width);
                for (int c = 0; c < width; c += 16) BFloat16Element.Store(Vector512.Load(from + c) * BFloat16Softmax.Scale, to + c);
            }
            new Span<BFloat16Element>(to, (rows - queries) * width).Clear();
        }
    }

    /// <summary>Keys, [K,d,padded length], zero beyond the text: the library would copy them into this order for every block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void PackKeys(Rows<Float32Element> k, ReadOnlySpan<int> path)
    {
        int columns = Padded(path.Length);
        BFloat16Element* tile = stackalloc BFloat16Element[Step * _width];
        for (int shared = 0; shared < _keyValueHeads; shared++)
            for (int first = 0; first < columns; first += Step)
            {
                int real = Math.Min(Step, path.Length - first);
                for (int j = 0; j < real; j++) Round((float*)k.Row(path[first + j]) + (shared * _width), tile + (j * _width));
                new Span<BFloat16Element>(tile + (real * _width), (Step - real) * _width).Clear();
                BFloat16Element* to = _keys!.Data + ((long)shared * _width * columns) + first;
                for (int c = 0; c < _width; c++, to += columns)
                    for (int j = 0; j < Step; j++) to[j] = tile[(j * _width) + c];
            }
    }

    /// <summary>Values, [K,padded length,d], zero beyond the text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void PackValues(Rows<Float32Element> v, ReadOnlySpan<int> path)
    {
        int rows = Padded(path.Length);
        for (int shared = 0; shared < _keyValueHeads; shared++)
        {
            BFloat16Element* to = _values!.Row(shared * rows);
            for (int j = 0; j < path.Length; j++, to += _width) Round((float*)v.Row(path[j]) + (shared * _width), to);
            new Span<BFloat16Element>(to, (rows - path.Length) * _width).Clear();
        }
    }

    void Round(float* from, BFloat16Element* to)
    {
        for (int c = 0; c < _width; c += 16) BFloat16Element.Store(Vector512.Load(from + c), to + c);
    }

    /// <summary>Scores of one token's group to weights; the inverses of their sums are kept.</summary>
    void Weigh(BFloat16Element* scores, int token, int limit, int keys)
    {
        for (int row = token * _group; row < (token + 1) * _group; row++)
            _inverse[row] = BFloat16Softmax.Apply(scores + ((long)row * keys), limit, keys);
    }

    /// <summary>The heads of one token's group, divided by the sums of their weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Put(BFloat16Element* attended, int token, float* to)
    {
        for (int h = 0; h < _group; h++)
        {
            int row = (token * _group) + h;
            BFloat16Element* from = attended + ((long)row * _width);
            for (int c = 0; c < _width; c += 16) (BFloat16Element.Load(from + c) * _inverse[row]).Store(to + (h * _width) + c);
        }
    }
}
