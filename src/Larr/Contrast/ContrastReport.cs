namespace Larr.Contrast;

/// <summary>What the Contrast stage did.</summary>
/// <param name="Kinds">Each kind that has pairs, by name.</param>
/// <param name="ClicksBefore">What the vectors of the model as it came, means of its hidden states, tell of clicks.</param>
/// <param name="ClicksAfter">What those of the trained encoder tell.</param>
/// <param name="Texts">Distinct texts of all pairs and of the ranked impressions.</param>
/// <param name="CutTexts">Texts that were longer than the limit and were cut.</param>
/// <param name="Steps">Optimizer steps.</param>
/// <param name="Tokens">Tokens encoded in training by this process.</param>
/// <param name="Seconds">Duration of training by this process.</param>
/// <param name="Warnings">What the curve looks wrong by, in words.</param>
public sealed record ContrastReport(
    IReadOnlyDictionary<string, PairKindReport> Kinds, ClickRanking ClicksBefore, ClickRanking ClicksAfter, int Texts, int CutTexts, int Steps, long Tokens, double Seconds, IReadOnlyList<string> Warnings);

/// <summary>One kind of pairs.</summary>
/// <param name="TrainingPairs">Distinct pairs trained on; 0 where its weight is 0.</param>
/// <param name="Health">What those looked like before training; null where there are none.</param>
/// <param name="Temperature">Temperature at the end.</param>
/// <param name="Before">Retrieval over held-out pairs with the model as it came: mean of the hidden states, no projection.</param>
/// <param name="After">Retrieval over the same pairs with the trained encoder.</param>
/// <param name="Nearest">What lies nearest to some left texts of those pairs.</param>
public sealed record PairKindReport(
    int TrainingPairs, PairHealth? Health, double Temperature, RetrievalReport Before, RetrievalReport After, IReadOnlyList<NearestTexts> Nearest);
