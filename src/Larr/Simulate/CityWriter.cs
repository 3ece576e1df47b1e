namespace Larr.Simulate;

/// <summary>Writes what the city leaves behind: its catalogue and its logs.</summary>
sealed class CityWriter : IDisposable
{
    readonly ParquetParts _impressions;
    readonly ParquetParts _orders;
    readonly ParquetParts _searches;
    long _orderCount;

    public CityWriter(string folder)
    {
        _impressions = new ParquetParts(Path.Combine(folder, "impressions"), """
            impression BIGINT, request BIGINT, "user" INTEGER, shop INTEGER, time TIMESTAMP, position UTINYINT, clicked UTINYINT, ordered UTINYINT,
            truth FLOAT, domain VARCHAR, period VARCHAR, weekday VARCHAR, holiday VARCHAR, weather VARCHAR, place VARCHAR, company VARCHAR,
            diner VARCHAR, search VARCHAR, recent VARCHAR, supply VARCHAR, history INTEGER[]
            """);
        _orders = new ParquetParts(Path.Combine(folder, "orders"), """
            "order" BIGINT, request BIGINT, "user" INTEGER, shop INTEGER, time TIMESTAMP, dish VARCHAR, period VARCHAR, place VARCHAR
            """);
        _searches = new ParquetParts(Path.Combine(folder, "searches"), """
            request BIGINT, "user" INTEGER, time TIMESTAMP, phrase VARCHAR, region VARCHAR
            """);
    }

    public static void Catalogue(string folder, City city)
    {
        using (var shops = new ParquetParts(Path.Combine(folder, "shops"), "shop INTEGER, name VARCHAR, place VARCHAR, region VARCHAR, category VARCHAR, menu VARCHAR, price VARCHAR"))
        {
            foreach (Shop s in city.Shops)
            {
                shops.Add(row => row.AppendValue(s.Id).AppendValue(s.Name).AppendValue(s.Place).AppendValue(SceneWords.Regions[s.Region].Name)
                    .AppendValue(s.Category).AppendValue(string.Join(", ", s.Menu)).AppendValue(s.Price).EndRow());
            }
            shops.Finish();
        }
        using var users = new ParquetParts(Path.Combine(folder, "users"), """
            "user" INTEGER, age VARCHAR, occupation VARCHAR, home VARCHAR, neighbourhood VARCHAR, taste VARCHAR
            """);
        foreach (Resident r in city.Residents)
        {
            users.Add(row => row.AppendValue(r.Id).AppendValue(r.Age).AppendValue(r.Occupation).AppendValue(SceneWords.Regions[r.Home].Name)
                .AppendValue(r.Neighbourhood).AppendValue(r.TasteWords).EndRow());
        }
        users.Finish();
    }

    public void Add(Request request)
    {
        Scene scene = request.Situation.Scene;
        string domain = request.Situation.Domain;
        for (int position = 0; position < request.Exposures.Length; position++)
        {
            Exposure exposure = request.Exposures[position];
            long impression = ((long)request.Id * Request.Size) + position;
            int place = position;
            _impressions.Add(row => row
                .AppendValue(impression).AppendValue((long)request.Id).AppendValue(request.User).AppendValue(exposure.Shop.Id).AppendValue(request.Time)
                .AppendValue((byte)place).AppendValue(exposure.Clicked ? (byte)1 : (byte)0).AppendValue(exposure.Ordered ? (byte)1 : (byte)0)
                .AppendValue(exposure.Probability).AppendValue(domain).AppendValue(scene.Period).AppendValue(scene.Weekday).AppendValue(scene.Holiday)
                .AppendValue(scene.Weather).AppendValue(scene.Place).AppendValue(scene.Company).AppendValue(scene.Diner).AppendValue(scene.Search)
                .AppendValue(scene.Recent).AppendValue(scene.Supply).AppendValue(request.History).EndRow());
            if (!exposure.Ordered) continue;
            long order = _orderCount++;
            string dish = exposure.Shop.Menu[(int)(order % exposure.Shop.Menu.Length)];
            _orders.Add(row => row.AppendValue(order).AppendValue((long)request.Id).AppendValue(request.User).AppendValue(exposure.Shop.Id)
                .AppendValue(request.Time).AppendValue(dish).AppendValue(scene.Period).AppendValue(scene.Place).EndRow());
        }
        if (scene.Search == SearchPhrases.None) return;
        _searches.Add(row => row.AppendValue((long)request.Id).AppendValue(request.User).AppendValue(request.Time).AppendValue(scene.Search)
            .AppendValue(SceneWords.Regions[request.Situation.Region].Name).EndRow());
    }

    public void Finish()
    {
        _impressions.Finish();
        _orders.Finish();
        _searches.Finish();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _impressions.Dispose();
        _orders.Dispose();
        _searches.Dispose();
    }
}
