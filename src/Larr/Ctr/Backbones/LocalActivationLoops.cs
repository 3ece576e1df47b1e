using System.Runtime.Intrinsics;
using Larr.Kernels;

namespace Larr.Ctr.Backbones;

/// <summary>The loops of <see cref="LocalActivation"/> for one row. Only the K items that the mask keeps are worked on.</summary>
/// <remarks>L history length, K kept of it, d embedding dimension, A width of the unit; A' and d' rounded up to 16, K' to 8. Matrices are rows of A' or d' with zeros behind.</remarks>
sealed unsafe class LocalActivationLoops
{
    const int Lanes = 16, Rows = 8;

    readonly int _a, _d; // A', d'

    /// <summary>For histories of <paramref name="length"/> items.</summary>
    internal LocalActivationLoops(int length, LocalActivationWeights weights)
    {
        (Length, Weights) = (length, weights);
        (_a, _d) = (weights.PaddedWidth, weights.PaddedDimension);
    }

    /// <summary>L.</summary>
    internal int Length { get; }

    /// <summary>The weights.</summary>
    internal LocalActivationWeights Weights { get; }

    /// <summary>Floats of scratch that a row needs.</summary>
    internal long Scratch
    {
        get
        {
            long kept = Kernels.Lanes.RoundUp(Length);
            return 3L * _a * _d + kept * (2 * _d + _a + 2) + 2 * (_a + _d);
        }
    }

    /// <summary>Fills the sum [d] of the history [L,d] for the item shown [d].</summary>
    internal void Forward(float* target, float* history, float* mask, Scratch scratch, float* sum)
    {
        Row row = Read(target, history, mask, scratch);
        float* total = scratch.Take(_d);
        for (int k = 0; k < row.Kept; k++) AddTo(total, row.Items + k * _d, Strength(row.Hidden + k * _a) * mask[row.Places[k]]);
        new Span<float>(total, Weights.Dimension).CopyTo(new Span<float>(sum, Weights.Dimension));
    }

    /// <summary>Fills the gradients of the item shown [d] and of the history [L,d], given that of the sum [d], and adds those of the weights to <paramref name="sums"/>.</summary>
    internal void Backward(float* gradient, float* target, float* history, float* mask, Scratch scratch, LocalActivationSums sums, float* ofTarget, float* ofHistory)
    {
        int d = Weights.Dimension;
        Row row = Read(target, history, mask, scratch);
        new Span<float>(ofHistory, Length * d).Clear();
        float* given = scratch.Take(_d), ofAsked = scratch.Take(_a), strengths = scratch.Take(row.Kept);
        new Span<float>(gradient, d).CopyTo(new Span<float>(given, d));
        for (int k = 0; k < row.Kept; k++)
        {
            float* hidden = row.Hidden + k * _a;
            float m = mask[row.Places[k]], ofStrength = DotProduct.Of<Float32Lanes>(given, row.Items + k * _d, _d) * m;
            strengths[k] = Strength(hidden) * m;
            sums.AddWeigh(hidden, ofStrength);
            for (int a = 0; a < _a; a += Lanes)
            {
                Vector512<float> open = Vector512.GreaterThan(Vector512.Load(hidden + a), Vector512<float>.Zero);
                Vector512<float> of = Vector512.Load(Weights.Weigh + a) * ofStrength & open;
                of.Store(hidden + a);
                (Vector512.Load(ofAsked + a) + of).Store(ofAsked + a);
            }
        }
        new Span<float>(row.Hidden + row.Kept * _a, (RoundUp(row.Kept) - row.Kept) * _a).Clear();

        float* back = scratch.Take(_a * _d), ofMatrix = scratch.Take(_a * _d), ofItems = scratch.Take(RoundUp(row.Kept) * _d);
        Weights.Transposed(row.Target, back);
        SmallProduct.Multiply(row.Hidden, _a, 1, back, _d, ofItems, _d, RoundUp(row.Kept), _a, _d, add: false); // [K',d']
        SmallProduct.Multiply(row.Items, 1, _d, row.Hidden, _a, ofMatrix, _a, _d, row.Kept, _a, add: false); // [d',A']
        for (int k = 0; k < row.Kept; k++)
        {
            AddTo(ofItems + k * _d, given, strengths[k]);
            new Span<float>(ofItems + k * _d, d).CopyTo(new Span<float>(ofHistory + row.Places[k] * d, d));
        }
        for (int c = 0; c < d; c++) ofTarget[c] = DotProduct.Of<Float32Lanes>(ofAsked, Weights.Ask + c * _a, _a) + DotProduct.Of<Float32Lanes>(ofMatrix + c * _a, Weights.Pair + c * _a, _a);
        sums.Add(row.Target, ofAsked, ofMatrix);
    }

    /// <summary>A row as the unit sees it.</summary>
    readonly ref struct Row
    {
        internal required float* Target { get; init; } // [d']
        internal required int* Places { get; init; } // of the kept items, [K]
        internal required int Kept { get; init; } // K
        internal required float* Items { get; init; } // [K',d']
        internal required float* Hidden { get; init; } // before ReLU, [K',A']
    }

    Row Read(float* target, float* history, float* mask, Scratch scratch)
    {
        scratch.Begin();
        int d = Weights.Dimension, kept = 0;
        int* places = (int*)scratch.Take(Length);
        for (int l = 0; l < Length; l++) if (mask[l] != 0) places[kept++] = l;
        float* q = scratch.Take(_d), items = scratch.Take(RoundUp(kept) * _d), hidden = scratch.Take(RoundUp(kept) * _a), asked = scratch.Take(_a), matrix = scratch.Take(_a * _d);
        new Span<float>(target, d).CopyTo(new Span<float>(q, d));
        for (int k = 0; k < kept; k++) new Span<float>(history + places[k] * d, d).CopyTo(new Span<float>(items + k * _d, d));
        Weights.OfRow(q, asked, matrix);
        for (int k = 0; k < kept; k++) new Span<float>(asked, _a).CopyTo(new Span<float>(hidden + k * _a, _a));
        SmallProduct.Multiply(items, _d, 1, matrix, _a, hidden, _a, RoundUp(kept), d, _a, add: true);
        return new Row { Target = q, Places = places, Kept = kept, Items = items, Hidden = hidden };
    }

    // weigh(relu(hidden)).
    float Strength(float* hidden)
    {
        Vector512<float> sum = Vector512<float>.Zero;
        for (int a = 0; a < _a; a += Lanes) sum += Vector512.Max(Vector512.Load(hidden + a), Vector512<float>.Zero) * Vector512.Load(Weights.Weigh + a);
        return Vector512.Sum(sum) + Weights.WeighBias;
    }

    void AddTo(float* to, float* x, float factor)
    {
        for (int c = 0; c < _d; c += Lanes) (Vector512.Load(to + c) + Vector512.Load(x + c) * factor).Store(to + c);
    }

    static int RoundUp(int count) => (count + Rows - 1) / Rows * Rows;
}
