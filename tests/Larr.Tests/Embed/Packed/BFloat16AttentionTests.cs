using System.Numerics.Tensors;
using Larr.Embed.Packed;
using Larr.Model;

namespace Larr.Tests.Embed.Packed;

/// <summary>The attention of long texts beside the float32 one, which the forward's tests hold to the encoder's.</summary>
[Collection("torch")]
public sealed unsafe class BFloat16AttentionTests
{
    const int AllRows = 420;

    [Theory]
    [InlineData(192, 192, 6, 2, 32, TextAttention.Causal)]
    [InlineData(333, 333, 6, 2, 32, TextAttention.Causal)]
    [InlineData(333, 333, 6, 2, 32, TextAttention.Bidirectional)]
    [InlineData(301, 200, 3, 1, 64, TextAttention.Causal)] // 101 tokens are shared with a text before
    [InlineData(257, 257, 4, 4, 16, TextAttention.Causal)]
    public void A_long_text_is_attended_as_in_float32_but_for_rounding(int length, int queries, int heads, int keyValueHeads, int width, TextAttention attention)
    {
        (float[] exact, float[] rounded) = Both(length, queries, heads, keyValueHeads, width, attention);
        Assert.NotEqual(exact, rounded);
        for (int head = 0; head < exact.Length; head += width)
            Assert.InRange(TensorPrimitives.CosineSimilarity<float>(exact.AsSpan(head, width), rounded.AsSpan(head, width)), 0.999f, 1.0001f);
        Assert.Equal(TensorPrimitives.Norm<float>(exact), TensorPrimitives.Norm<float>(rounded), TensorPrimitives.Norm<float>(exact) * 2e-3f);
    }

    [Theory]
    [InlineData(300, 20, 32)]
    [InlineData(50, 50, 32)]
    [InlineData(300, 300, 8)]
    public void Few_queries_and_narrow_heads_are_attended_in_float32(int length, int queries, int width)
    {
        (float[] exact, float[] rounded) = Both(length, queries, 4, 2, width, TextAttention.Causal);
        Assert.Equal(exact, rounded);
    }

    /// <summary>Rows of the queries' attended values in float32 and in bfloat16; rows of other texts hold no numbers, and neither may be touched.</summary>
    static (float[] Exact, float[] Rounded) Both(int length, int queries, int heads, int keyValueHeads, int width, TextAttention attention)
    {
        var config = DecoderConfig.Nano with { Heads = heads, KeyValueHeads = keyValueHeads, HeadWidth = width };
        using var exact = new GroupedQueryAttention(config, attention, AllRows);
        using var rounded = new BFloat16Attention(config, attention, AllRows);
        // The path leaves out every ninth row before its own.
        int[] path = [.. Enumerable.Range(0, AllRows).Where(r => r % 9 != 0).Take(length - queries)];
        int own = path.Length == 0 ? 5 : path[^1] + 5;
        path = [.. path, .. Enumerable.Range(own, queries)];
        var random = new Random(length);
        using Rows<Float32Element> q = Filled(heads * width, 2 / Math.Sqrt(width)), k = Filled(keyValueHeads * width, 1), v = Filled(keyValueHeads * width, 1);
        return (Attended(exact), Attended(rounded));

        Rows<Float32Element> Filled(int columns, double scale)
        {
            var rows = new Rows<Float32Element>(AllRows, columns);
            rows.Tensor.fill_(float.NaN);
            foreach (int row in path)
                for (int c = 0; c < columns; c++) ((float*)rows.Row(row))[c] = (float)(((random.NextDouble() * 2) - 1) * scale * 1.7);
            return rows;
        }

        float[] Attended(IAttention way)
        {
            using var y = new Rows<Float32Element>(AllRows, heads * width);
            y.Tensor.fill_(7);
            way.Attend(q, k, v, path, own, queries, y);
            var all = new Span<float>((float*)y.Data, AllRows * heads * width);
            Assert.Equal(-1, all[..(own * heads * width)].IndexOfAnyExcept(7));
            Assert.Equal(-1, all[((own + queries) * heads * width)..].IndexOfAnyExcept(7));
            return all.Slice(own * heads * width, queries * heads * width).ToArray();
        }
    }
}
