namespace Larr.Simulate;

/// <summary>What the simulated city is like, and how well its clicks can be predicted at best.</summary>
/// <param name="Impressions">Number of impressions.</param>
/// <param name="Requests">Number of requests.</param>
/// <param name="Users">Number of users.</param>
/// <param name="Shops">Number of shops.</param>
/// <param name="ColdShops">Shops that open in the last fifth of the days.</param>
/// <param name="Clicks">Clicked impressions.</param>
/// <param name="ClickRate">Share of clicked impressions.</param>
/// <param name="Orders">Clicks that an order followed.</param>
/// <param name="Searches">Requests with a search.</param>
/// <param name="SearchPhrases">Different search phrases in use.</param>
/// <param name="BestPossibleAuc">AUC of the true probabilities against the clicks: no model can be expected to do better.</param>
/// <param name="BestPossibleAucLastDays">The same on the last fifth of the days.</param>
/// <param name="AucWithoutScene">AUC of the truth with everything taken out that the scene contributes.</param>
/// <param name="Seconds">Duration of the stage.</param>
public sealed record SimulateReport(
    int Impressions,
    int Requests,
    int Users,
    int Shops,
    int ColdShops,
    long Clicks,
    double ClickRate,
    long Orders,
    long Searches,
    int SearchPhrases,
    double BestPossibleAuc,
    double BestPossibleAucLastDays,
    double AucWithoutScene,
    double Seconds);
