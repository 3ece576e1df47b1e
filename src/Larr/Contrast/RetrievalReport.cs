namespace Larr.Contrast;

/// <summary>How well the right side of held-out pairs is found among all right sides of the kind.</summary>
/// <param name="Pairs">Pairs measured; 0 where nothing could be held out (then all figures are 0).</param>
/// <param name="Candidates">Distinct right texts.</param>
/// <param name="RecallAt1">Share of the pairs whose right side ranks first.</param>
/// <param name="RecallAt5">Share that ranks among the first 5.</param>
/// <param name="RecallAt10">Share that ranks among the first 10.</param>
/// <param name="MeanReciprocalRank">Mean of 1/rank.</param>
/// <param name="NdcgAt10">Mean of 1/log₂(1 + rank), 0 beyond rank 10.</param>
/// <param name="ChanceAt5">Recall at 5 of a random order of the same candidates.</param>
/// <param name="Alignment">Mean squared distance of a pair's two sides (arXiv 2005.10242).</param>
/// <param name="Uniformity">log of the mean of exp(−2·distance²) among the right texts: 0 where all are one point (a collapse).</param>
public sealed record RetrievalReport(
    int Pairs, int Candidates, double RecallAt1, double RecallAt5, double RecallAt10, double MeanReciprocalRank, double NdcgAt10, double ChanceAt5, double Alignment, double Uniformity);
