using Larr.Ctr;

namespace Larr.Adapt;

/// <summary>One domain's way through training, as its validation rows see it.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Validation">Predictions of its validation rows after each epoch; the first are the pre-trained model's.</param>
sealed record DomainCurve(DomainPart Domain, List<CtrPredictions> Validation);
