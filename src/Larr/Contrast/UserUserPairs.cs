using Larr.Corpus;

namespace Larr.Contrast;

/// <summary>
/// Users who behave alike: those who clicked the same items of the training part, a popular item telling little
/// (<see cref="CoOccurrence"/> with an item's users as a basket). Each user with its most similar ones, drawn by similarity (LARR stage 2, arXiv 2408.11523).
/// </summary>
public static class UserUserPairs
{
    /// <summary>Mines the pairs; empty where the table has no user.</summary>
    public static PairSet Mine(PairSource source, bool heldOut)
    {
        if (source.Clicks.Users is not { } users) return new(PairKind.UserUser, []);
        var random = new Random(source.Seed);
        var meetings = new CoOccurrence(source.UserIsHeldOut.Length);
        List<int>[] clicksOfItem = TrainingClicks.GroupBy(source.Clicks.Items, source.ItemIsHeldOut.Length);
        for (int item = 0; item < clicksOfItem.Length; item++)
            if (heldOut || !source.ItemIsHeldOut[item])
                meetings.Add(clicksOfItem[item].Select(c => users[c]).Where(u => source.UserIsHeldOut[u] == heldOut && source.UserTextOf(u) is not null), random);
        return new(PairKind.UserUser, meetings.Best(source.Config.Neighbours)
            .Where(p => source.UserTextOf(p.A) != source.UserTextOf(p.B))
            .SelectMany(p => (Pair[])[Of(p.A, p.B, p.Similarity), Of(p.B, p.A, p.Similarity)]), source.Exposure);

        Pair Of(int a, int b, double similarity) => new(
            source.Pool.Add(source.UserTextOf(a)!), source.Pool.Add(source.UserTextOf(b)!), a, b, Group: -1, similarity);
    }
}
