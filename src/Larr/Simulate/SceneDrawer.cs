namespace Larr.Simulate;

/// <summary>
/// Draws scenes. The need of a scene is the sum of its values' meanings, each field weighted, and weighted again
/// region by region: weather counts for more in one part of the city than in another.
/// </summary>
sealed class SceneDrawer
{
    const float SearchShare = 0.55f;

    const float HolidayShare = 0.35f;

    /// <summary>Weight of period, weekday, holiday, weather, place, company, diner, search, recent, supply.</summary>
    static readonly float[] s_fieldWeights = [0.9f, 0.3f, 0.6f, 0.8f, 0.8f, 0.7f, 0.4f, 1.3f, 0.5f, 0.5f];

    readonly City _city;
    readonly float[,] _weights;
    readonly string[] _holidayOfDay;
    readonly int[,,] _weather;
    readonly WeightedChoice[] _places;
    readonly WeightedChoice _company = new([.. SceneWords.Company.Select(c => c.Share)]);
    readonly WeightedChoice _supply = new([.. SceneWords.Supply.Select(s => s.Share)]);

    public SceneDrawer(City city, int days, Chance chance)
    {
        _city = city;
        _places = [.. SceneWords.Periods.Select((_, p) => new WeightedChoice([.. ScenePlaces.All.Select(place => (float)place.Weights[p])]))];
        _weights = new float[SceneWords.Regions.Count, s_fieldWeights.Length];
        for (int r = 0; r < SceneWords.Regions.Count; r++)
            for (int f = 0; f < s_fieldWeights.Length; f++) _weights[r, f] = s_fieldWeights[f] * MathF.Exp(0.35f * chance.Gaussian());
        _holidayOfDay = [.. Enumerable.Range(0, days).Select(_ => chance.Happens(HolidayShare) ? chance.Pick(SceneWords.Holidays) : SceneWords.NoHoliday)];
        _weather = Weather(days, chance);
    }

    /// <summary>A scene of <paramref name="resident"/> on a day, in a period and region, after a click on <paramref name="last"/>.</summary>
    public Situation Draw(Resident resident, Shop? last, int day, int days, int period, int region, Chance chance)
    {
        SceneMeanings meanings = _city.Meanings;
        int weekday = day % 7;
        string holiday = _holidayOfDay[day];
        int weather = _weather[day, period, region];
        bool works = weekday < 5 && holiday == SceneWords.NoHoliday && ScenePlaces.All[resident.Workplace].Weights[period] > 0;
        int place = works && chance.Happens(0.4f) ? resident.Workplace : _places[period].Draw(chance);
        int company = _company.Draw(chance);
        int supply = _supply.Draw(chance);

        float[] need = new float[Facets.Count];
        Facets.Add(need, meanings.Periods[period], _weights[region, 0]);
        Facets.Add(need, meanings.Weekdays[weekday], _weights[region, 1]);
        Facets.Add(need, meanings.Holiday(holiday), _weights[region, 2]);
        Facets.Add(need, meanings.Weather[weather], _weights[region, 3]);
        Facets.Add(need, meanings.Places[place], _weights[region, 4]);
        Facets.Add(need, meanings.Company[company], _weights[region, 5]);
        Facets.Add(need, meanings.Diner(resident), _weights[region, 6]);
        if (last is not null) Facets.Add(need, last.Meaning, _weights[region, 8]);
        Facets.Add(need, meanings.Supply[supply], _weights[region, 9]);

        int search = chance.Happens(SearchShare) ? _city.Searches.Draw(chance, (float)day / days, Wish(need, resident)) : -1;
        if (search >= 0) Facets.Add(need, _city.Searches.Meanings[search], _weights[region, 7]);

        var scene = new Scene(
            SceneWords.Periods[period].Name,
            SceneWords.Weekdays[weekday],
            holiday,
            SceneWords.Weather[weather].Name,
            ScenePlaces.All[place].Name,
            SceneWords.Company[company].Name,
            resident.Diner,
            search < 0 ? SearchPhrases.None : _city.Searches.Texts[search],
            last?.Memory ?? "nothing yet",
            SceneWords.Supply[supply].Name);
        return new Situation(scene, period, region, need);
    }

    /// <summary>One searches for what scene and taste suggest together.</summary>
    static float[] Wish(float[] need, Resident resident)
    {
        float[] wish = [.. need];
        Facets.Add(wish, resident.Taste, 1);
        return wish;
    }

    static int[,,] Weather(int days, Chance chance)
    {
        int periods = SceneWords.Periods.Count, regions = SceneWords.Regions.Count;
        int[,,] weather = new int[days, periods, regions];
        for (int d = 0; d < days; d++)
        {
            float late = days == 1 ? 0 : (float)d / (days - 1);
            var choice = new WeightedChoice([.. SceneWords.Weather.Select(w => w.First + (late * (w.Last - w.First)))]);
            for (int p = 0; p < periods; p++)
            {
                int city = choice.Draw(chance);
                for (int r = 0; r < regions; r++) weather[d, p, r] = chance.Happens(0.6f) ? city : choice.Draw(chance);
            }
        }
        return weather;
    }
}
