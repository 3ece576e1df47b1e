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
        long[][] masks = [.. Masks(pairs, config).Select(ids => ids.data<long>().ToArray())];
        return SymmetricInfoNce.Loss(Cosines(pairs), config.Temperature, masks).MoveToOuterDisposeScope();
    }

    /// <summary>Mean cosine of the positives, and of the negatives that the loss uses; NaN where there is none.</summary>
    public static (double Positive, double Negative) MeanCosines(ClickedPairs pairs, AlignConfig config)
    {
        using var scope = NewDisposeScope();
        Tensor cosines = Cosines(pairs);
        Tensor positive = eye(pairs.Count, dtype: ScalarType.Bool, device: cosines.device);
        Tensor negative = Masks(pairs, config).Aggregate(positive, (none, ids) => none.logical_or(ids.unsqueeze(0).eq(ids.unsqueeze(1)))).logical_not();
        return (cosines.diagonal().mean().item<float>(), cosines.masked_select(negative).mean().item<float>());
    }

    static Tensor Cosines(ClickedPairs pairs) =>
        nn.functional.normalize(pairs.Scene, dim: 1).matmul(nn.functional.normalize(pairs.Signal, dim: 1).t());

    // Numbers of the pairs, int64 [P] each: two pairs with an equal one are no negatives of each other.
    static IEnumerable<Tensor> Masks(ClickedPairs pairs, AlignConfig config)
    {
        if (config.MaskScenes) yield return pairs.SceneIds;
        if (config.MaskSignals) yield return pairs.SignalIds;
    }
}
