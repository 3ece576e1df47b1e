namespace Larr.Align;

/// <summary>One epoch of the alignment stage.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Loss">Mean training loss, BCE + λ · alignment.</param>
/// <param name="ValidationAuc">AUC of clicks on the validation part; null where it does not exist.</param>
/// <param name="Seconds">Time of the training steps.</param>
public sealed record AlignEpoch(int Epoch, double Loss, double? ValidationAuc, double Seconds);

/// <summary>What the alignment stage found. Cosines are of clicked validation impressions.</summary>
/// <param name="ValidationAuc">AUC of the two-tower model on the validation part, best epoch.</param>
/// <param name="PositiveCosine">Mean cosine of a scene and the item clicked in it.</param>
/// <param name="NegativeCosine">Mean cosine of a scene and an item clicked in another one.</param>
/// <param name="PositiveCosineBefore">The same before training.</param>
/// <param name="NegativeCosineBefore">The same before training.</param>
/// <param name="DistinctScenes">Distinct scenes among all impressions.</param>
/// <param name="Curve">One entry per epoch.</param>
public sealed record AlignReport(
    double? ValidationAuc,
    double? PositiveCosine,
    double? NegativeCosine,
    double? PositiveCosineBefore,
    double? NegativeCosineBefore,
    int DistinctScenes,
    IReadOnlyList<AlignEpoch> Curve);
