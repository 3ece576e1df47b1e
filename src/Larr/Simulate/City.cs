namespace Larr.Simulate;

/// <summary>Shops, residents and vocabularies of a simulated city, drawn from a seed.</summary>
sealed class City
{
    readonly WeightedChoice[] _shopsOfRegion;
    readonly int[][] _shopIds;

    public City(CityConfig config, int seed)
    {
        var lexicon = new Lexicon();
        Meanings = new SceneMeanings(lexicon);
        Searches = new SearchPhrases(lexicon, new Chance(seed, 1));
        Shops = new ShopFactory(lexicon, new Chance(seed, 2)).Draw(config.ShopCount);
        Residents = new ResidentFactory(lexicon, new Chance(seed, 3)).Draw(config.UserCount);
        Active = new WeightedChoice([.. Residents.Select(r => r.Activity)]);
        _shopIds = [.. SceneWords.Regions.Select((_, region) => Shops.Where(s => s.Region == region).Select(s => s.Id).ToArray())];
        _shopsOfRegion = [.. _shopIds.Select(ids => new WeightedChoice([.. ids.Select(id => Shops[id].Popularity)]))];
    }

    public SceneMeanings Meanings { get; }

    public SearchPhrases Searches { get; }

    public IReadOnlyList<Shop> Shops { get; }

    public IReadOnlyList<Resident> Residents { get; }

    /// <summary>Draws a resident in proportion to activity.</summary>
    public WeightedChoice Active { get; }

    /// <summary>
    /// Different open shops of a region, drawn by popularity and nothing else: what is shown does not depend on what
    /// would be clicked.
    /// </summary>
    public Shop[] Candidates(int region, float day, int count, Chance chance)
    {
        var chosen = new Shop[count];
        for (int n = 0; n < count;)
        {
            Shop shop = Shops[_shopIds[region][_shopsOfRegion[region].Draw(chance)]];
            if (shop.Opens > day || Array.IndexOf(chosen, shop, 0, n) >= 0) continue;
            chosen[n++] = shop;
        }
        return chosen;
    }
}
