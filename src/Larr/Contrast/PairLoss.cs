using static TorchSharp.torch;

namespace Larr.Contrast;

/// <summary>The InfoNCE loss of one kind's batch, and how well positives and negatives are apart in it.</summary>
/// <param name="Loss">Scalar; the mean over both directions where the loss is symmetric, and over the widths where there are several.</param>
/// <param name="Positive">Mean cosine of the positives, a scalar without gradient.</param>
/// <param name="Negative">Mean cosine of the negatives that count, a scalar without gradient; NaN where there is none.</param>
readonly record struct PairLoss(Tensor Loss, Tensor Positive, Tensor Negative)
{
    /// <summary>Of a drawn batch. Shapes: B pairs, H hard negatives, K = B + H keys, N distinct texts, D dimension.</summary>
    /// <param name="drawn">The pairs, where they were drawn, and their hard negatives.</param>
    /// <param name="vectors">[N,D] unit vectors of the step's distinct texts.</param>
    /// <param name="rowOf">Row of each text in <paramref name="vectors"/>.</param>
    /// <param name="temperature">τ.</param>
    /// <param name="config">Direction, masks, widths.</param>
    public static PairLoss Of(DrawnBatch drawn, Tensor vectors, IReadOnlyDictionary<int, int> rowOf, Tensor temperature, ContrastConfig config)
    {
        (PairSet set, Pair[] batch, int[] hard) = drawn;
        Device device = vectors.device;
        Tensor Rows(IEnumerable<int> texts) => vectors.index_select(0, tensor(texts.Select(t => (long)rowOf[t]).ToArray(), device: device));
        Tensor? LogQ(IEnumerable<double> shares) => config.LogQ ? tensor(shares.Select(s => (float)Math.Log(s)).ToArray(), device: device) : null;

        Tensor left = Rows(batch.Select(p => p.Left)), right = Rows([.. batch.Select(p => p.Right), .. hard]); // [B,D], [K,D]
        Tensor cosine = Cosines(left, right); // [B,K]
        Tensor forward = Mask(NegativeMasks.Forward(drawn), cosine, config.FalseNegativeMargin);
        Tensor loss = AtWidths(config.Widths, left, right, (q, k) =>
            InfoNce.Loss(q, k, temperature, forward, LogQ([.. batch.Select(p => set.RightShare(p.Right)), .. hard.Select(set.RightShare)])));
        if (config.Symmetric)
        {
            Tensor own = right.narrow(0, 0, batch.Length); // [B,D]
            Tensor backward = Mask(NegativeMasks.Backward(set, batch), Cosines(own, left), config.FalseNegativeMargin);
            loss = (loss + AtWidths(config.Widths, own, left, (q, k) => InfoNce.Loss(q, k, temperature, backward, LogQ(batch.Select(p => set.LeftShare(p.Left)))))) / 2;
        }
        Tensor counts = forward.logical_or(eye(batch.Length, cosine.size(1), dtype: ScalarType.Bool, device: device)).logical_not();
        return new(loss, cosine.diagonal().mean(), cosine.masked_select(counts).mean());
    }

    static Tensor Cosines(Tensor left, Tensor right)
    {
        using var noGrad = no_grad();
        return left.matmul(right.t());
    }

    /// <summary>
    /// What is excluded, plus what looks like an unknown positive: a key nearer to the query than its own positive by more than the margin.
    /// </summary>
    static Tensor Mask(bool[] excluded, Tensor cosine, double? margin)
    {
        Tensor mask = tensor(excluded, cosine.shape, device: cosine.device);
        return margin is { } m ? mask.logical_or(cosine > cosine.diagonal().unsqueeze(1) + m) : mask;
    }

    /// <summary>Matryoshka (arXiv 2205.13147): the mean of the losses at several leading widths, each normalised anew; the full width is always one of them.</summary>
    static Tensor AtWidths(IReadOnlyList<int> widths, Tensor queries, Tensor keys, Func<Tensor, Tensor, Tensor> loss)
    {
        Tensor sum = loss(queries, keys);
        foreach (int width in widths)
            sum = sum + loss(nn.functional.normalize(queries.narrow(1, 0, width), dim: -1), nn.functional.normalize(keys.narrow(1, 0, width), dim: -1));
        return sum / (1 + widths.Count);
    }
}
