namespace Larr.Simulate;

/// <summary>
/// The truth behind the clicks. logit = bias + taste · item + need(scene) · item + (need ∘ sensitivity) · item +
/// drift(period, region, day) · item + quality + position. Each term's scale is set from a sample, so that the city
/// keeps its click rate and its share of scene, taste and chance whatever its vocabulary. Our own choice.
/// </summary>
sealed class ClickModel
{
    const float ClickRate = 0.2f;

    const float PositionEffect = -0.12f;

    readonly float[][] _driftStart;
    readonly float[][] _driftSlope;
    float _taste = 0.8f, _need = 1.2f, _interaction = 0.4f, _drift = 0.45f, _quality = 0.45f;
    float _bias;

    public ClickModel(Chance chance)
    {
        int domains = SceneWords.Periods.Count * SceneWords.Regions.Count;
        _driftStart = [.. Enumerable.Range(0, domains).Select(_ => Facets.Gaussian(chance))];
        _driftSlope = [.. Enumerable.Range(0, domains).Select(_ => Facets.Gaussian(chance))];
    }

    /// <summary>Log odds of a click, in whole and without what the scene contributes.</summary>
    public (float Full, float WithoutScene) LogOdds(Resident resident, Situation situation, Shop shop, int position, float day)
    {
        float rest = _bias + (_quality * shop.Quality) + (PositionEffect * position)
            + (_taste * Facets.Dot(resident.Taste, shop.Meaning));
        return (rest + SceneTerm(resident, situation, shop, day), rest);
    }

    public static float Probability(float logOdds) => 1 / (1 + MathF.Exp(-logOdds));

    /// <summary>Probability of an order once the shop is clicked.</summary>
    public static float OrderProbability(Resident resident, Situation situation, Shop shop) =>
        Probability(-0.6f + (0.5f * shop.Quality) + (0.5f * Facets.Dot(resident.Taste, shop.Meaning)) + (0.3f * Facets.Dot(situation.Need, shop.Meaning)));

    /// <summary>Turns the factors of the terms from standard deviations in log odds into weights, and sets the bias for the click rate.</summary>
    public void Calibrate(IReadOnlyList<(Resident Resident, Situation Situation, Shop Shop, float Day)> sample)
    {
        float Factor(float wanted, Func<(Resident Resident, Situation Situation, Shop Shop, float Day), float> term)
        {
            double mean = sample.Average(s => (double)term(s));
            return wanted / (float)Math.Sqrt(sample.Average(s => Math.Pow(term(s) - mean, 2)));
        }

        _taste = Factor(_taste, s => Facets.Dot(s.Resident.Taste, s.Shop.Meaning));
        _need = Factor(_need, s => Facets.Dot(s.Situation.Need, s.Shop.Meaning));
        _interaction = Factor(_interaction, s => Interaction(s.Resident, s.Situation, s.Shop));
        _drift = Factor(_drift, s => Drift(s.Situation, s.Shop, s.Day));

        (float low, float high) = (-10, 10);
        for (int step = 0; step < 40; step++)
        {
            _bias = (low + high) / 2;
            double rate = sample.Select((s, i) => (double)Probability(LogOdds(s.Resident, s.Situation, s.Shop, i % Request.Size, s.Day).Full)).Average();
            if (rate < ClickRate) low = _bias;
            else high = _bias;
        }
    }

    float SceneTerm(Resident resident, Situation situation, Shop shop, float day) =>
        (_need * Facets.Dot(situation.Need, shop.Meaning))
        + (_interaction * Interaction(resident, situation, shop))
        + (_drift * Drift(situation, shop, day));

    static float Interaction(Resident resident, Situation situation, Shop shop)
    {
        float sum = 0;
        for (int i = 0; i < Facets.Count; i++) sum += situation.Need[i] * resident.Sensitivity[i] * shop.Meaning[i];
        return sum;
    }

    float Drift(Situation situation, Shop shop, float day)
    {
        int domain = (situation.PeriodIndex * SceneWords.Regions.Count) + situation.Region;
        return Facets.Dot(_driftStart[domain], shop.Meaning) + ((day - 0.5f) * Facets.Dot(_driftSlope[domain], shop.Meaning));
    }
}
