namespace Larr.Simulate;

/// <summary>A user of the city. Taste, sensitivity and activity are hidden; <see cref="TasteWords"/> tells a part of the taste.</summary>
sealed class Resident
{
    public required int Id { get; init; }

    public required string Age { get; init; }

    public required string Occupation { get; init; }

    /// <summary>Index of the place of work among the scene's places.</summary>
    public required int Workplace { get; init; }

    public required int Home { get; init; }

    public required string Neighbourhood { get; init; }

    /// <summary>Such as "likes spicy food and strong coffee, avoids fried food".</summary>
    public required string TasteWords { get; init; }

    public required float[] Taste { get; init; }

    /// <summary>How strongly each facet of a situation moves this user.</summary>
    public required float[] Sensitivity { get; init; }

    public required float Activity { get; init; }

    /// <summary>Who the user is, as a value of a scene.</summary>
    public string Diner => $"{Age} {Occupation}";

    /// <summary>Shops clicked so far, oldest first; at most twenty.</summary>
    public List<int> History { get; } = new(CitySimulator.HistoryLength);
}
