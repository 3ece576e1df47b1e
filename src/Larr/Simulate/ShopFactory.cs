namespace Larr.Simulate;

/// <summary>Draws shops: a cuisine, a name nobody else has, a menu, a place, a price level, and the hidden rest.</summary>
sealed class ShopFactory(Lexicon lexicon, Chance chance)
{
    const float ColdShare = 0.1f;

    readonly HashSet<string> _names = [];

    public Shop[] Draw(int count)
    {
        var shops = new Shop[count];
        for (int id = 0; id < count; id++) shops[id] = One(id);

        // Meanings are told relative to the mean shop, so that the scene term of the click model is an interaction alone.
        float[] mean = new float[Facets.Count];
        foreach (Shop shop in shops) Facets.Add(mean, shop.Meaning, 1f / count);
        foreach (Shop shop in shops) Facets.Add(shop.Meaning, mean, -1);
        return shops;
    }

    Shop One(int id)
    {
        Cuisine cuisine = chance.Pick(Cuisine.All);
        // Regions are dealt round, so that none is without shops.
        int region = id % SceneWords.Regions.Count;
        (string regionName, string[] neighbourhoods) = SceneWords.Regions[region];
        string neighbourhood = chance.Pick(neighbourhoods);
        string[] menu = Menu(cuisine);

        float[] meaning = new float[Facets.Count];
        foreach (string dish in menu) Facets.Add(meaning, SceneMeanings.Unit(lexicon.Meaning(dish)), 1f / menu.Length);
        Facets.Add(meaning, lexicon.Meaning(cuisine.Category), 0.4f);
        float cheap = meaning[(int)Facet.Cheap] + (0.5f * chance.Gaussian());
        meaning[(int)Facet.Cheap] = cheap;
        Facets.Scale(meaning, 1 / Facets.Norm(meaning));

        return new Shop
        {
            Id = id,
            Name = Name(cuisine, neighbourhood),
            Place = $"{chance.Pick(SceneWords.Spots)}, {neighbourhood}, {regionName}",
            Region = region,
            Category = cuisine.Category,
            Menu = menu,
            Price = cheap > 0.3f ? "cheap" : cheap < -0.4f ? "expensive" : "mid-priced",
            Opens = chance.Happens(ColdShare) ? 0.8f + (0.15f * chance.Uniform()) : 0,
            Meaning = meaning,
            Quality = chance.Gaussian(),
            Popularity = MathF.Exp(0.8f * chance.Gaussian()),
        };
    }

    string[] Menu(Cuisine cuisine)
    {
        int size = 3 + chance.Below(3);
        var dishes = new List<string>(size);
        while (dishes.Count < size)
        {
            string dish = chance.Pick(cuisine.Dishes);
            if (!dishes.Contains(dish)) dishes.Add(dish);
        }
        return [.. dishes];
    }

    string Name(Cuisine cuisine, string neighbourhood)
    {
        string name = $"{chance.Pick(SceneWords.NameAdjectives)} {chance.Pick(SceneWords.NameNouns)} {chance.Pick(cuisine.Nouns)}";
        if (_names.Add(name)) return name;
        name += " at " + neighbourhood;
        string branch = name;
        for (int number = 2; !_names.Add(branch); number++) branch = $"{name} {number}";
        return branch;
    }
}
