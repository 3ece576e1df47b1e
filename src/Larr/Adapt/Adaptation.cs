using Larr.Ctr;

namespace Larr.Adapt;

/// <summary>What a method of adaptation gave.</summary>
/// <param name="Test">Predictions of the test rows, in table order.</param>
/// <param name="Epochs">Epochs after which a domain is served, by its value; 0 where the pre-trained model serves it. Domains with too few rows are not among them.</param>
/// <param name="Parameters">Trained values, of all domains together.</param>
sealed record Adaptation(CtrPredictions Test, IReadOnlyDictionary<string, int> Epochs, long Parameters);
