using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Larr.Kernels;

namespace Larr.Embed.Packed;

/// <summary>Scores to weights, in place in bfloat16 and computed in float32.</summary>
static unsafe class BFloat16Softmax
{
    /// <summary>log₂ e: what queries are scaled with, so that weights are powers of two.</summary>
    public const float Scale = 1.44269504f;

    /// <summary>
    /// Turns the scores of one query into weights over its first <paramref name="limit"/> keys, zero for the rest up to <paramref name="keys"/>; not
    /// yet divided by their sum, whose inverse is returned.
    /// </summary>
    /// <param name="scores">Scores times <see cref="Scale"/>.</param>
    /// <param name="limit">Keys that are seen.</param>
    /// <param name="keys">All keys, a multiple of sixteen.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Apply(BFloat16Element* scores, int limit, int keys)
    {
        int whole = limit / 16 * 16;
        Vector512<float> inside = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(limit - whole)).AsSingle();
        Vector512<float> most = Vector512.Create(float.NegativeInfinity), sum = default;
        for (int j = 0; j < whole; j += 16) most = Vector512.MaxNative(most, BFloat16Element.Load(scores + j));
        if (whole < limit) most = Vector512.MaxNative(most, Vector512.ConditionalSelect(inside, BFloat16Element.Load(scores + whole), most));
        Vector512<float> max = Vector512.Create(Lanes.Max(most));
        for (int j = 0; j < whole; j += 16)
        {
            Vector512<float> e = Exponential.OfTwo(BFloat16Element.Load(scores + j) - max);
            sum += e;
            BFloat16Element.StoreWeight(e, scores + j);
        }
        int rest = whole;
        if (whole < limit)
        {
            Vector512<float> e = Vector512.ConditionalSelect(inside, Exponential.OfTwo(BFloat16Element.Load(scores + whole) - max), Vector512<float>.Zero);
            sum += e;
            BFloat16Element.StoreWeight(e, scores + whole);
            rest += 16;
        }
        new Span<BFloat16Element>(scores + rest, keys - rest).Clear();
        return 1 / Vector512.Sum(sum);
    }
}
