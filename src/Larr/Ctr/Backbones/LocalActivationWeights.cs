using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Larr.Ctr.Backbones;

/// <summary>
/// The weights of DIN's local activation unit, regrouped: Wq + Wd answers to the item shown, Wh − Wd to an item of the history, Wp to both. Transposed to one row per
/// component of an embedding, and as they are for the way back.
/// </summary>
/// <remarks>d embedding dimension, A width of the unit; A' and d' rounded up to 16, with zeros behind.</remarks>
sealed unsafe class LocalActivationWeights
{
    const int Lanes = 16;

    readonly float[] _numbers; // pinned
    readonly float* _item, _itemBack, _pairBack, _bias;

    /// <summary>Regroups.</summary>
    /// <param name="weight">Columns Wq, Wh, Wd, Wp, [A,4d].</param>
    /// <param name="bias">[A].</param>
    /// <param name="weigh">[A].</param>
    /// <param name="weighBias">Bias of the second layer.</param>
    /// <param name="width">A.</param>
    /// <param name="dimension">d.</param>
    internal LocalActivationWeights(float* weight, float* bias, float* weigh, float weighBias, int width, int dimension)
    {
        (Width, Dimension, WeighBias) = (width, dimension, weighBias);
        (PaddedWidth, PaddedDimension) = (Kernels.Lanes.RoundUp(width), Kernels.Lanes.RoundUp(dimension));
        int size = PaddedWidth * PaddedDimension;
        _numbers = GC.AllocateArray<float>(5 * size + 2 * PaddedWidth, pinned: true);
        float* begin = (float*)Unsafe.AsPointer(ref _numbers[0]);
        Ask = begin;
        _item = Ask + size;
        Pair = _item + size;
        _itemBack = Pair + size;
        _pairBack = _itemBack + size;
        _bias = _pairBack + size;
        Weigh = _bias + PaddedWidth;
        for (int a = 0; a < width; a++)
        {
            float* q = weight + a * 4 * dimension, h = q + dimension, difference = h + dimension, product = difference + dimension;
            for (int c = 0; c < dimension; c++)
            {
                Ask[c * PaddedWidth + a] = q[c] + difference[c];
                _item[c * PaddedWidth + a] = _itemBack[a * PaddedDimension + c] = h[c] - difference[c];
                Pair[c * PaddedWidth + a] = _pairBack[a * PaddedDimension + c] = product[c];
            }
        }
        new Span<float>(bias, width).CopyTo(new Span<float>(_bias, width));
        new Span<float>(weigh, width).CopyTo(new Span<float>(Weigh, width));
    }

    /// <summary>A.</summary>
    internal int Width { get; }

    /// <summary>d.</summary>
    internal int Dimension { get; }

    /// <summary>A'.</summary>
    internal int PaddedWidth { get; }

    /// <summary>d'.</summary>
    internal int PaddedDimension { get; }

    /// <summary>(Wq + Wd)ᵀ, [d',A'].</summary>
    internal float* Ask { get; }

    /// <summary>Wpᵀ, [d',A'].</summary>
    internal float* Pair { get; }

    /// <summary>Weights of the second layer, [A'].</summary>
    internal float* Weigh { get; }

    /// <summary>Bias of the second layer.</summary>
    internal float WeighBias { get; }

    /// <summary>For the item shown [d']: the part of the first layer that it decides alone, asked [A'], and what an item of the history is multiplied with, matrix [d',A'].</summary>
    internal void OfRow(float* target, float* asked, float* matrix)
    {
        new Span<float>(_bias, PaddedWidth).CopyTo(new Span<float>(asked, PaddedWidth));
        for (int c = 0; c < Dimension; c++)
        {
            Vector512<float> q = Vector512.Create(target[c]);
            for (int a = 0; a < PaddedWidth; a += Lanes)
            {
                int at = c * PaddedWidth + a;
                (Vector512.Load(asked + a) + q * Vector512.Load(Ask + at)).Store(asked + a);
                (Vector512.Load(_item + at) + q * Vector512.Load(Pair + at)).Store(matrix + at);
            }
        }
    }

    /// <summary>The matrix of <see cref="OfRow"/> transposed, [A',d'].</summary>
    internal void Transposed(float* target, float* matrix)
    {
        for (int a = 0; a < Width; a++)
            for (int at = a * PaddedDimension, c = 0; c < PaddedDimension; c += Lanes, at += Lanes)
                (Vector512.Load(_itemBack + at) + Vector512.Load(target + c) * Vector512.Load(_pairBack + at)).Store(matrix + at);
    }
}
