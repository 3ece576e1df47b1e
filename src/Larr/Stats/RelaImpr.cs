namespace Larr.Stats;

/// <summary>
/// Relative improvement of an AUC over a base, counted from the 0.5 of a random order
/// (Yan et al., Coupled group lasso for web-scale CTR prediction, ICML 2014).
/// </summary>
public static class RelaImpr
{
    /// <summary>(auc − 0.5) / (baseAuc − 0.5) − 1; 0.1 is ten per cent.</summary>
    public static double Compute(double auc, double baseAuc) => ((auc - 0.5) / (baseAuc - 0.5)) - 1;
}
