using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Embed.Packed;

/// <summary>
/// The heads of query and key rows: bias where the model has one, normalisation per head where it has that (Qwen 3), and the turn by the
/// row's position (arXiv 2104.09864), all in float32.
/// </summary>
sealed unsafe class RotaryHeads
{
    readonly int _width;
    readonly double _epsilon;
    readonly float[] _cos, _sin; // [positions, d/2]

    /// <summary>Takes the decoder's own tables for the positions of texts of at most <paramref name="longest"/> tokens.</summary>
    public RotaryHeads(Decoder decoder, int longest)
    {
        (_width, _epsilon) = (decoder.Config.HeadWidth, decoder.Config.NormEpsilon);
        using var scope = NewDisposeScope();
        (Tensor cos, Tensor sin) = decoder.rope.Table(longest, CPU);
        (_cos, _sin) = (PackedWeights.Floats(cos), PackedWeights.Floats(sin));
    }

    /// <summary>Copies heads of one row to float32, adding the bias.</summary>
    /// <param name="from">First of the heads' elements; <paramref name="count"/> is a multiple of 16 or the row has spare room behind it.</param>
    /// <param name="bias">Bias from the same element on, or empty.</param>
    /// <param name="to">Where to.</param>
    /// <param name="count">Elements.</param>
    public static void Copy<T>(T* from, ReadOnlySpan<float> bias, float* to, int count) where T : unmanaged, IElement<T>
    {
        for (int c = 0; c < count; c += 16) T.Load(from + c).Store(to + c);
        for (int c = 0; c < bias.Length; c++) to[c] += bias[c];
    }

    /// <summary>Normalises, turns and scales heads of one row in place.</summary>
    /// <param name="heads">[heads, d].</param>
    /// <param name="count">Number of heads.</param>
    /// <param name="norm">Weight of the normalisation, or null.</param>
    /// <param name="position">Position of the row.</param>
    /// <param name="scale">Multiplied with every component.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Turn(float* heads, int count, float[]? norm, int position, float scale)
    {
        int half = _width / 2;
        fixed (float* cos = &_cos[position * half], sin = &_sin[position * half])
            for (int h = 0; h < count; h++)
            {
                float* a = heads + (h * _width), b = a + half;
                if (norm is not null) Norm(a, norm);
                if (half % 16 == 0)
                    for (int i = 0; i < half; i += 16)
                    {
                        Vector512<float> x = Vector512.Load(a + i), y = Vector512.Load(b + i), c = Vector512.Load(cos + i), s = Vector512.Load(sin + i);
                        (((x * c) - (y * s)) * scale).Store(a + i);
                        (((y * c) + (x * s)) * scale).Store(b + i);
                    }
                else
                    for (int i = 0; i < half; i++)
                    {
                        (float x, float y) = (a[i], b[i]);
                        a[i] = ((x * cos[i]) - (y * sin[i])) * scale;
                        b[i] = ((y * cos[i]) + (x * sin[i])) * scale;
                    }
            }
    }

    void Norm(float* head, float[] weight)
    {
        float squares = 0;
        if (_width % 16 == 0)
        {
            Vector512<float> sum = default;
            for (int i = 0; i < _width; i += 16) sum = Vector512.FusedMultiplyAdd(Vector512.Load(head + i), Vector512.Load(head + i), sum);
            squares = Vector512.Sum(sum);
        }
        else
            for (int i = 0; i < _width; i++) squares += head[i] * head[i];
        float scale = (float)(1 / Math.Sqrt((squares / _width) + _epsilon));
        if (_width % 16 == 0)
            fixed (float* g = weight)
                for (int i = 0; i < _width; i += 16) (Vector512.Load(head + i) * scale * Vector512.Load(g + i)).Store(head + i);
        else
            for (int i = 0; i < _width; i++) head[i] *= scale * weight[i];
    }
}
