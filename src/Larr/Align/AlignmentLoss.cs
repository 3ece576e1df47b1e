using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>
/// InfoNCE between the scene vector of a clicked impression and a collaborative signal, such as the embedding of the item clicked (LARR stage 3,
/// arXiv 2408.11523). Our choices: cosine similarity, both directions, in-batch negatives without those of an identical scene or an identical
/// signal, which are no negatives.
/// </summary>
public static class AlignmentLoss
{
    /// <summary>The mean loss of the pairs, a scalar; zero when there is none.</summary>
    /// <param name="pairs">Positives; each is a negative for the others.</param>
    /// <param name="config">Temperature, which divides the cosines, and masks.</param>
    public static Tensor Compute(ClickedPairs pairs, AlignConfig config)
    {
        if (pairs.Count == 0) return zeros(Array.Empty<long>(), device: pairs.Scene.device);
        using var scope = NewDisposeScope();
        var masks = new List<long[]>();
        if (config.MaskScenes) masks.Add(pairs.SceneIds.data<long>().ToArray());
        if (config.MaskSignals) masks.Add(pairs.SignalIds.data<long>().ToArray());
        return SymmetricInfoNce.Loss(Cosines(pairs), config.Temperature, masks).MoveToOuterDisposeScope();
    }

    /// <summary>Mean cosine of the positives, and of the negatives that the loss uses; NaN where there is none.</summary>
    public static (double Positive, double Negative) MeanCosines(ClickedPairs pairs, AlignConfig config)
    {
        using var scope = NewDisposeScope();
        Tensor cosines = Cosines(pairs);
        Tensor negative = NotNegative(pairs, config).logical_or(Own(pairs)).logical_not();
        return (cosines.diagonal().mean().item<float>(), cosines.masked_select(negative).mean().item<float>());
    }

    static Tensor Cosines(ClickedPairs pairs) =>
        nn.functional.normalize(pairs.Scene, dim: 1).matmul(nn.functional.normalize(pairs.Signal, dim: 1).t());

    // True off the diagonal where two pairs share their scene or their signal, as far as these are masked.
    static Tensor NotNegative(ClickedPairs pairs, AlignConfig config)
    {
        Tensor same = zeros(pairs.Count, pairs.Count, ScalarType.Bool, pairs.Scene.device);
        if (config.MaskScenes) same = same.logical_or(pairs.SceneIds.unsqueeze(0).eq(pairs.SceneIds.unsqueeze(1)));
        if (config.MaskSignals) same = same.logical_or(pairs.SignalIds.unsqueeze(0).eq(pairs.SignalIds.unsqueeze(1)));
        return same.logical_and(Own(pairs).logical_not());
    }

    static Tensor Own(ClickedPairs pairs) => eye(pairs.Count, dtype: ScalarType.Bool, device: pairs.Scene.device);
}
