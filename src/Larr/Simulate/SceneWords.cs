namespace Larr.Simulate;

/// <summary>The other vocabularies of scenes, users and shops. Our own choice throughout.</summary>
static class SceneWords
{
    /// <summary>Weather, with its weight at the first and at the last day: the city goes from late summer into winter.</summary>
    public static IReadOnlyList<(string Name, float First, float Last)> Weather { get; } =
    [
        ("scorching heat", 5, 0), ("humid heat", 6, 0), ("hot sunshine", 8, 0.5f), ("warm and sunny", 9, 2), ("mild and clear", 7, 4),
        ("gentle breeze", 4, 3), ("scattered clouds", 5, 4), ("grey and overcast", 3, 6), ("morning fog", 2, 4), ("light rain", 5, 6),
        ("steady rain", 3, 5), ("pouring rain", 2, 3), ("thunderstorm", 2, 1), ("gusty wind", 2, 4), ("cold drizzle", 1, 6),
        ("morning frost", 0.1f, 4), ("freezing cold", 0, 6), ("sleet", 0, 4), ("light snow", 0, 5), ("heavy snow", 0, 4),
    ];

    /// <summary>Meal periods: first and last minute of the day, and share of the requests.</summary>
    public static IReadOnlyList<(string Name, int From, int To, float Share)> Periods { get; } =
    [
        ("breakfast", 6 * 60, 10 * 60, 0.15f), ("lunch", 10 * 60, 14 * 60, 0.31f), ("afternoon tea", 14 * 60, 17 * 60, 0.14f),
        ("dinner", 17 * 60, 21 * 60, 0.28f), ("late night", 21 * 60, 24 * 60, 0.12f),
    ];

    public static IReadOnlyList<string> Weekdays { get; } = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    public const string NoHoliday = "an ordinary day";

    public static IReadOnlyList<string> Holidays { get; } =
    [
        "autumn lantern festival", "harvest fair", "city marathon", "children's day", "parents' day", "lovers' day",
        "football final", "fishermen's fair", "book fair", "winter carnival", "examination day",
    ];

    /// <summary>Whom one eats with, and how often.</summary>
    public static IReadOnlyList<(string Name, float Share)> Company { get; } =
    [
        ("alone", 8), ("with a friend", 4), ("with colleagues", 4), ("with the children", 2), ("with grandparents", 1),
        ("with the whole family", 3), ("on a date", 1.5f), ("with a sports team", 0.7f),
    ];

    public static IReadOnlyList<string> Ages { get; } = ["teenage", "young", "middle-aged", "elderly"];

    /// <summary>State of the supply, and how often.</summary>
    public static IReadOnlyList<(string Name, float Share)> Supply { get; } =
    [
        ("plenty of couriers free", 6), ("few couriers on the road", 3), ("kitchens running late", 2), ("roads jammed by traffic", 2),
        ("free delivery everywhere", 1), ("bicycle couriers only", 1),
    ];

    /// <summary>Regions and their neighbourhoods.</summary>
    public static IReadOnlyList<(string Name, string[] Neighbourhoods)> Regions { get; } =
    [
        ("riverside", ["Mill Lane", "Willow Bridge", "Heron Quay", "Ferry Steps"]),
        ("old town", ["Cathedral Square", "Lantern Street", "Clock Gate", "Weavers Row"]),
        ("university hill", ["Scholars Walk", "Observatory Road", "Chestnut Avenue", "College Green"]),
        ("harbour", ["Anchor Wharf", "Lighthouse Point", "Net Makers Yard", "Custom House Pier"]),
    ];

    /// <summary>A facet in the words of a user's taste, liked and disliked.</summary>
    public static IReadOnlyList<(string Likes, string Dislikes)> Taste { get; } =
    [
        ("steaming hot dishes", "cold and iced food"), ("spicy food", "mild food"), ("sweet things", "savoury things"),
        ("food that comes quickly", "slow cooking"), ("cheap meals", "fancy expensive places"), ("light healthy salads", "fried and rich food"),
        ("hearty portions", "small bites"), ("big plates to share", "single portions"), ("a proper breakfast", "food without eggs or toast"),
        ("strong coffee", "tea over coffee"), ("plenty of meat", "food without meat"), ("fresh seafood", "food without fish"),
        ("noodles and rice", "food without noodles or rice"), ("cool drinks and juice", "food without drinks"), ("late night snacks", "early meals"),
        ("gentle soup and porridge", "strong flavours"),
    ];

    /// <summary>Words that shop names are made of.</summary>
    public static IReadOnlyList<string> NameAdjectives { get; } =
    [
        "Golden", "Silver", "Little", "Grand", "Happy", "Old", "Blue", "Red", "Green", "Jade", "Copper", "Quiet", "Lucky", "Royal", "Sunny",
        "Crooked", "Wandering", "Hidden", "Merry", "Twin", "Velvet", "Wild", "White", "Amber", "Humble", "Brave", "Northern", "Southern", "Seven", "Dancing",
    ];

    /// <summary>Words that shop names are made of.</summary>
    public static IReadOnlyList<string> NameNouns { get; } =
    [
        "Lantern", "Dragon", "Fox", "Lotus", "Bamboo", "Maple", "Swan", "Tiger", "Magpie", "Willow", "Compass", "Anchor", "Crane", "Pearl", "Oak",
        "Harvest", "Moon", "Star", "River", "Mountain", "Phoenix", "Rabbit", "Owl", "Bridge", "Garden", "Wheel", "Bell", "Kettle", "Barrel", "Feather",
    ];

    /// <summary>Landmarks beside which shops stand.</summary>
    public static IReadOnlyList<string> Spots { get; } =
    [
        "next to the railway station", "by the public park", "behind the market hall", "opposite the school", "in the shopping mall",
        "near the hospital", "below the office tower", "beside the cinema", "at the corner of the square", "along the water",
    ];
}
