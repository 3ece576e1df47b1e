using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>
/// InfoNCE between the scene vector of a clicked impression and the collaborative embedding of the item clicked (LARR stage 3, arXiv 2408.11523).
/// Our choices: cosine similarity, both directions, in-batch negatives without those of an identical scene or an identical item, which are
/// no negatives.
/// </summary>
/// <remarks>P clicked impressions, d collaborative dimension.</remarks>
public static class AlignmentLoss
{
    /// <summary>The mean loss of P positives; zero when there is none.</summary>
    /// <param name="scene">Scene vectors, [P,d].</param>
    /// <param name="item">Embeddings of the clicked items, [P,d].</param>
    /// <param name="sceneIds">Equal numbers for identical scenes, [P].</param>
    /// <param name="itemIds">Equal numbers for identical items, [P].</param>
    /// <param name="temperature">Divides the cosines.</param>
    public static Tensor Compute(Tensor scene, Tensor item, Tensor sceneIds, Tensor itemIds, double temperature)
    {
        long p = scene.size(0);
        if (p == 0) return zeros(1, device: scene.device).sum();
        using var scope = NewDisposeScope();
        Tensor scores = Cosines(scene, item).div_(temperature).masked_fill(NotNegative(sceneIds, itemIds), float.NegativeInfinity); // [P,P]
        Tensor own = arange(p, device: scene.device);
        Tensor loss = nn.functional.cross_entropy(scores, own) + nn.functional.cross_entropy(scores.t(), own);
        return (loss / 2).MoveToOuterDisposeScope();
    }

    /// <summary>Mean cosine of the positives, and of the negatives that the loss uses; NaN where there is none.</summary>
    public static (double Positive, double Negative) MeanCosines(Tensor scene, Tensor item, Tensor sceneIds, Tensor itemIds)
    {
        using var scope = NewDisposeScope();
        Tensor cosines = Cosines(scene, item);
        Tensor negative = NotNegative(sceneIds, itemIds).logical_or(eye(scene.size(0), dtype: ScalarType.Bool, device: scene.device)).logical_not();
        return (cosines.diagonal().mean().item<float>(), cosines.masked_select(negative).mean().item<float>());
    }

    static Tensor Cosines(Tensor scene, Tensor item) =>
        nn.functional.normalize(scene, dim: 1).matmul(nn.functional.normalize(item, dim: 1).t());

    // True off the diagonal where the pair shares its scene or its item.
    static Tensor NotNegative(Tensor sceneIds, Tensor itemIds)
    {
        Tensor same = (sceneIds.unsqueeze(0) == sceneIds.unsqueeze(1)).logical_or(itemIds.unsqueeze(0) == itemIds.unsqueeze(1));
        return same.logical_and(eye(sceneIds.size(0), dtype: ScalarType.Bool, device: sceneIds.device).logical_not());
    }
}
