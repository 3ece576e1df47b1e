namespace Larr.Simulate;

/// <summary>Where people are, how likely in each meal period, and what they do for a living.</summary>
static class ScenePlaces
{
    /// <summary>Kinds of place and their weights at breakfast, lunch, afternoon tea, dinner and late at night.</summary>
    public static IReadOnlyList<(string Name, int[] Weights)> All { get; } = Parse("""
        office tower 6 10 7 3 2
        business park 3 6 4 2 1
        bank branch 1 3 2 0 0
        city hall 1 3 2 0 0
        law office 1 3 3 2 1
        factory floor 3 5 2 2 2
        construction site 3 6 2 1 0
        warehouse 2 3 2 1 2
        hospital ward 3 4 3 3 2
        dental clinic 1 2 2 0 0
        primary school 1 3 2 0 0
        secondary school 2 4 2 0 0
        university library 3 5 6 4 2
        student dormitory 5 5 4 6 9
        lecture hall 2 4 2 1 0
        research laboratory 2 3 3 2 2
        gym 2 2 2 4 1
        swimming pool 1 1 2 1 0
        football stadium 0 1 1 3 1
        tennis club 0 1 2 1 0
        yoga studio 1 1 1 2 0
        public park 1 3 5 2 1
        beach 0 3 4 2 1
        harbour 2 2 2 2 1
        ski slope 0 2 2 0 0
        camping ground 1 1 1 3 2
        railway station 5 4 3 4 3
        bus terminal 3 2 2 2 2
        airport lounge 3 2 2 2 2
        petrol station 2 1 1 1 2
        shopping mall 0 5 8 6 1
        cinema 0 1 3 4 3
        concert hall 0 0 1 3 2
        museum 0 2 3 0 0
        karaoke bar 0 0 1 4 8
        night market 0 0 0 4 9
        nightclub 0 0 0 1 6
        grand hotel 3 2 3 4 3
        youth hostel 2 1 1 2 3
        apartment block 12 8 8 18 20
        suburban house 8 5 5 12 8
        nursing home 2 2 2 2 0
        """);

    /// <summary>Occupations and where they are on a working day.</summary>
    public static IReadOnlyList<(string Name, string Workplace)> Occupations { get; } =
    [
        ("office clerk", "office tower"), ("software engineer", "business park"), ("bank manager", "bank branch"),
        ("lawyer", "law office"), ("nurse", "hospital ward"), ("doctor", "hospital ward"), ("dentist", "dental clinic"),
        ("school teacher", "secondary school"), ("university student", "university library"), ("school pupil", "secondary school"),
        ("scientist", "research laboratory"), ("builder", "construction site"), ("factory worker", "factory floor"),
        ("courier", "railway station"), ("fisherman", "harbour"), ("fitness trainer", "gym"), ("yoga teacher", "yoga studio"),
        ("musician", "concert hall"), ("shop assistant", "shopping mall"), ("pensioner", "public park"),
    ];

    static (string, int[])[] Parse(string table) =>
        [.. table.Split('\n').Select(line => line.Split(' ')).Select(w => (string.Join(' ', w[..^5]), w[^5..].Select(int.Parse).ToArray()))];
}
