using Larr.Simulate;

namespace Larr.Tests.Simulate;

public sealed class CitySimulatorTests
{
    static readonly CityConfig s_nano = new() { Impressions = 10_003 };

    [Fact]
    public void Impressions_are_as_many_as_asked_for_and_in_time_order()
    {
        Request[] requests = [.. new CitySimulator(s_nano, 1).Requests()];
        Assert.Equal(10_003, requests.Sum(r => r.Exposures.Length));
        Assert.Equal(Enumerable.Range(0, requests.Length), requests.Select(r => r.Id));
        Assert.Equal(requests.Select(r => r.Time).Order(), requests.Select(r => r.Time));
        Assert.All(requests, r => Assert.Equal(r.Exposures.Length, r.Exposures.Select(e => e.Shop.Id).Distinct().Count()));
    }

    [Fact]
    public void A_history_is_the_users_last_twenty_clicks_before_the_request()
    {
        var clicked = new Dictionary<int, List<int>>();
        int longest = 0;
        foreach (Request request in new CitySimulator(s_nano with { Users = 60 }, 2).Requests())
        {
            if (!clicked.TryGetValue(request.User, out List<int>? before)) clicked[request.User] = before = [];
            Assert.Equal(before.TakeLast(20), request.History);
            longest = Math.Max(longest, request.History.Length);
            before.AddRange(request.Exposures.Where(e => e.Clicked).Select(e => e.Shop.Id));
        }
        Assert.Equal(20, longest);
    }

    [Fact]
    public void Shops_that_open_late_are_not_shown_before_and_one_in_ten_does()
    {
        var simulator = new CitySimulator(s_nano with { Shops = 1000 }, 3);
        Assert.InRange(simulator.City.Shops.Count(s => s.Opens >= 0.8f), 60, 140);
        Exposed[] shown = [.. simulator.Requests().SelectMany(r => r.Exposures.Select(e => new Exposed(r.Day, e.Shop)))];
        Assert.All(shown, e => Assert.True(e.Shop.Opens <= e.Day));
        Assert.Contains(shown, e => e.Shop.Opens > 0);
    }

    [Fact]
    public void An_order_needs_a_click_and_the_truth_is_a_calibrated_probability()
    {
        Exposure[] exposures = [.. new CitySimulator(new CityConfig { Impressions = 40_000 }, 4).Requests().SelectMany(r => r.Exposures)];
        Assert.DoesNotContain(exposures, e => e.Ordered && !e.Clicked);
        foreach (IGrouping<int, Exposure> bin in exposures.GroupBy(e => (int)(e.Probability * 5)).Where(b => b.Count() > 1000))
        {
            double deviation = Math.Sqrt(0.25 / bin.Count());
            Assert.Equal(bin.Average(e => e.Probability), bin.Average(e => e.Clicked ? 1.0 : 0.0), 4 * deviation);
        }
    }

    [Fact]
    public void Names_of_shops_are_never_shared()
    {
        var city = new City(new CityConfig { Impressions = 10_000, Shops = 20_000 }, 5);
        Assert.Equal(20_000, city.Shops.Select(s => s.Name).Distinct().Count());
    }

    [Fact]
    public void Some_searches_of_the_last_days_are_new_and_some_are_not()
    {
        Request[] requests = [.. new CitySimulator(new CityConfig { Impressions = 50_000 }, 6).Requests().Where(r => r.Situation.Scene.Search != SearchPhrases.None)];
        HashSet<string> known = [.. requests.Where(r => r.Day < 0.7f).Select(r => r.Situation.Scene.Search)];
        double unseen = requests.Where(r => r.Day >= 0.8f).Average(r => known.Contains(r.Situation.Scene.Search) ? 0.0 : 1);
        Assert.InRange(unseen, 0.1, 0.6);
    }

    readonly record struct Exposed(float Day, Shop Shop);
}
