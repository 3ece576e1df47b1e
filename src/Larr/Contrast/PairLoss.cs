using static TorchSharp.torch;

namespace Larr.Contrast;

/// <summary>The InfoNCE loss of one kind's batch, and how well positives and negatives are apart in it.</summary>
/// <param name="Loss">Scalar; the mean of both directions where the loss is symmetric.</param>
/// <param name="Positive">Mean cosine of the positives, a scalar without gradient.</param>
/// <param name="Negative">Mean cosine of the negatives that count, a scalar without gradient; NaN where there is none.</param>
readonly record struct PairLoss(Tensor Loss, Tensor Positive, Tensor Negative)
{
    /// <summary>Of pairs drawn from a set. Shapes: B pairs, N distinct texts, D dimension.</summary>
    /// <param name="set">Where the pairs were drawn.</param>
    /// <param name="batch">B pairs.</param>
    /// <param name="vectors">[N,D] unit vectors of the step's distinct texts.</param>
    /// <param name="rowOf">Row of each text in <paramref name="vectors"/>.</param>
    /// <param name="temperature">τ.</param>
    /// <param name="config">Symmetric or not, corrected or not.</param>
    public static PairLoss Of(PairSet set, Pair[] batch, Tensor vectors, IReadOnlyDictionary<int, int> rowOf, Tensor temperature, ContrastConfig config)
    {
        Device device = vectors.device;
        Tensor Rows(Func<Pair, int> text) => vectors.index_select(0, tensor(batch.Select(p => (long)rowOf[text(p)]).ToArray(), device: device));
        Tensor? LogQ(Func<Pair, double> share) => config.PopularityCorrection ? tensor(batch.Select(p => (float)Math.Log(share(p))).ToArray(), device: device) : null;
        Tensor Mask(bool[] excluded) => tensor(excluded, [batch.Length, batch.Length], device: device);

        Tensor left = Rows(p => p.Left), right = Rows(p => p.Right); // [B,D]
        Tensor excluded = Mask(NegativeMasks.Forward(batch, set.Kind)); // [B,B]
        Tensor loss = InfoNce.Loss(left, right, temperature, excluded, LogQ(p => set.RightShare(p.Right)));
        if (config.Symmetric)
            loss = (loss + InfoNce.Loss(right, left, temperature, Mask(NegativeMasks.Backward(batch, set.Kind)), LogQ(p => set.LeftShare(p.Left)))) / 2;

        using var noGrad = no_grad();
        Tensor cosine = left.matmul(right.t()), counts = excluded.logical_or(eye(batch.Length, dtype: ScalarType.Bool, device: device)).logical_not();
        return new(loss, cosine.diagonal().mean(), cosine.masked_select(counts).mean());
    }
}
