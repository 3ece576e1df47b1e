namespace Larr.Embed;

/// <summary>What the embed stage did, and what it saved.</summary>
/// <param name="Identity">What the vectors were made with.</param>
/// <param name="Requests">Requests of the table: its distinct scenes of each group, or its rows where it has no group field.</param>
/// <param name="Values">Distinct values of all scene fields.</param>
/// <param name="Duplicates">Values whose text another value has as well.</param>
/// <param name="Cut">Texts that were too long.</param>
/// <param name="Tokens">Tokens of the distinct texts.</param>
/// <param name="TokensComputed">Tokens that went through the model: fewer, because beginnings that texts share are computed once.</param>
/// <param name="FullSceneTokens">
/// Tokens that one full scene text for each request would have sent through it: the request's values in words, end to
/// end, and one embedding token if the model has it. Separators are not counted, so the figure is a lower bound.
/// </param>
/// <param name="Ratio"><paramref name="FullSceneTokens"/> over <paramref name="Tokens"/>: LARR's central promise (arXiv 2408.11523). Beginnings could be shared either way.</param>
/// <param name="Seconds">Time of embedding.</param>
/// <param name="TextsPerSecond">Values over seconds.</param>
/// <param name="TokensPerSecond">Tokens computed over seconds.</param>
/// <param name="MeanCosineToFull">Mean cosine of rounded or shortened vectors to the model's own; null where they are the model's own.</param>
/// <param name="Fields">Distinct values of each field.</param>
public sealed record EmbedReport(
    VectorIdentity Identity, long Requests, int Values, int Duplicates, int Cut, long Tokens, long TokensComputed, long FullSceneTokens, double Ratio,
    double Seconds, double TextsPerSecond, double TokensPerSecond, double? MeanCosineToFull, IReadOnlyDictionary<string, int> Fields);
