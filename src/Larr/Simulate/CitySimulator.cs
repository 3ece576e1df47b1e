namespace Larr.Simulate;

/// <summary>
/// Lets the residents of a <see cref="City"/> live through its days. Requests come in time order, one at a time, and only
/// the residents' recent clicks are remembered, so that memory does not grow with the number of impressions.
/// </summary>
sealed class CitySimulator
{
    /// <summary>Longest history, in clicked shops.</summary>
    public const int HistoryLength = 20;

    const float AtHome = 0.8f;

    const int CalibrationSample = 20_000;

    static readonly DateTime s_firstDay = new(2024, 9, 2, 0, 0, 0, DateTimeKind.Utc);

    readonly CityConfig _config;
    readonly Chance _chance;
    readonly SceneDrawer _scenes;
    readonly ClickModel _clicks;
    readonly WeightedChoice _periods = new([.. SceneWords.Periods.Select(p => p.Share)]);

    public CitySimulator(CityConfig config, int seed)
    {
        _config = config;
        City = new City(config, seed);
        _scenes = new SceneDrawer(City, config.Days, new Chance(seed, 4));
        _clicks = new ClickModel(new Chance(seed, 5));
        _clicks.Calibrate(Sample(new Chance(seed, 6)));
        _chance = new Chance(seed, 7);
    }

    public City City { get; }

    /// <summary>All requests, in time order; the last one may show fewer shops.</summary>
    public IEnumerable<Request> Requests()
    {
        int requests = ((_config.Impressions - 1) / Request.Size) + 1;
        int id = 0;
        for (int day = 0; day < _config.Days; day++)
        {
            int end = (int)((long)requests * (day + 1) / _config.Days);
            foreach ((int minute, int period) in Times(end - id))
            {
                int shown = Math.Min(Request.Size, _config.Impressions - (id * Request.Size));
                yield return Next(id++, day, minute, period, shown);
            }
        }
    }

    (int Minute, int Period)[] Times(int count)
    {
        var times = new (int Minute, int Period)[count];
        for (int i = 0; i < count; i++)
        {
            int period = _periods.Draw(_chance);
            (_, int from, int to, _) = SceneWords.Periods[period];
            times[i] = (from + _chance.Below(to - from), period);
        }
        Array.Sort(times);
        return times;
    }

    Request Next(int id, int day, int minute, int period, int shown)
    {
        Resident resident = City.Residents[City.Active.Draw(_chance)];
        int region = _chance.Happens(AtHome) ? resident.Home : _chance.Below(SceneWords.Regions.Count);
        Shop? last = resident.History.Count == 0 ? null : City.Shops[resident.History[^1]];
        Situation situation = _scenes.Draw(resident, last, day, _config.Days, period, region, _chance);
        float when = (day + (minute / 1440f)) / _config.Days;
        int[] history = [.. resident.History];

        Shop[] shops = City.Candidates(region, when, shown, _chance);
        var exposures = new Exposure[shown];
        for (int position = 0; position < shown; position++)
        {
            Shop shop = shops[position];
            (float logOdds, float withoutScene) = _clicks.LogOdds(resident, situation, shop, position, when);
            float probability = ClickModel.Probability(logOdds);
            bool clicked = _chance.Happens(probability);
            bool ordered = clicked && _chance.Happens(ClickModel.OrderProbability(resident, situation, shop));
            exposures[position] = new Exposure(shop, probability, withoutScene, clicked, ordered);
            if (clicked) Remember(resident, shop);
        }
        return new Request(id, resident.Id, s_firstDay.AddDays(day).AddMinutes(minute), when, situation, history, exposures);
    }

    static void Remember(Resident resident, Shop shop)
    {
        if (resident.History.Count == HistoryLength) resident.History.RemoveAt(0);
        resident.History.Add(shop.Id);
    }

    List<(Resident, Situation, Shop, float)> Sample(Chance chance)
    {
        var sample = new List<(Resident, Situation, Shop, float)>(CalibrationSample);
        for (int i = 0; i < CalibrationSample; i++)
        {
            Resident resident = City.Residents[City.Active.Draw(chance)];
            int day = chance.Below(_config.Days), period = _periods.Draw(chance);
            Situation situation = _scenes.Draw(resident, chance.Pick(City.Shops), day, _config.Days, period, resident.Home, chance);
            float when = (day + 0.5f) / _config.Days;
            sample.Add((resident, situation, City.Candidates(resident.Home, when, 1, chance)[0], when));
        }
        return sample;
    }
}
