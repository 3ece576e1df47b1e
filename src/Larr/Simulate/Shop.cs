namespace Larr.Simulate;

/// <summary>A shop of the city. Its meaning, quality and popularity are hidden; the rest is what a catalogue says.</summary>
sealed class Shop
{
    public required int Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Place in words, such as "next to the railway station, Mill Lane, riverside".</summary>
    public required string Place { get; init; }

    public required int Region { get; init; }

    public required string Category { get; init; }

    /// <summary>Dishes; the first is the best known.</summary>
    public required string[] Menu { get; init; }

    /// <summary>cheap, mid-priced or expensive.</summary>
    public required string Price { get; init; }

    /// <summary>Share of the days after which it opens; 0 for most.</summary>
    public required float Opens { get; init; }

    /// <summary>Where it lies among the facets, relative to the mean shop.</summary>
    public required float[] Meaning { get; init; }

    public required float Quality { get; init; }

    public required float Popularity { get; init; }

    /// <summary>How a click on it is told later on.</summary>
    public string Memory => $"{Menu[0]} from the {Category}";
}
