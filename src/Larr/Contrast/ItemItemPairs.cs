using Larr.Corpus;

namespace Larr.Contrast;

/// <summary>
/// Items that belong together: clicked by the same user, or in the same scene (all scene fields equal), in the training part
/// (<see cref="CoOccurrence"/> with a user's or a scene's items as a basket). Each item with its most similar ones (LARR stage 2, arXiv 2408.11523).
/// </summary>
public static class ItemItemPairs
{
    /// <summary>Mines the pairs.</summary>
    public static PairSet Mine(PairSource source, bool heldOut)
    {
        var random = new Random(source.Seed);
        var meetings = new CoOccurrence(source.ItemIsHeldOut.Length);
        int[] items = source.Clicks.Items;
        if (source.Clicks.Users is { } users) AddAll(TrainingClicks.GroupBy(users, source.UserIsHeldOut.Length));
        if (source.Scenes.Fields.Count > 0) AddAll(SameScene(source));
        return new(PairKind.ItemItem, meetings.Best(source.Config.Neighbours)
            .Where(p => source.ItemTextOf(p.A) != source.ItemTextOf(p.B))
            .SelectMany(p => (Pair[])[Of(p.A, p.B, p.Similarity), Of(p.B, p.A, p.Similarity)]), source.Exposure);

        void AddAll(IEnumerable<List<int>> baskets)
        {
            foreach (List<int> clicks in baskets)
                meetings.Add(clicks.Select(c => items[c]).Where(i => source.ItemIsHeldOut[i] == heldOut && source.ItemTextOf(i) is not null), random);
        }

        Pair Of(int a, int b, double similarity) => new(
            source.Pool.Add(source.ItemTextOf(a)!), source.Pool.Add(source.ItemTextOf(b)!), source.ItemId(a), source.ItemId(b), Group: -1, similarity);
    }

    static Dictionary<string, List<int>>.ValueCollection SameScene(PairSource source)
    {
        int[][] codes = [.. source.Scenes.Fields.Select(f => source.Clicks.CodesOf(source.Table, f.Name))];
        var scenes = new Dictionary<string, List<int>>();
        for (int c = 0; c < source.Clicks.Items.Length; c++)
        {
            string scene = string.Join(',', codes.Select(column => column[c]));
            if (!scenes.TryGetValue(scene, out List<int>? clicks)) scenes[scene] = clicks = [];
            clicks.Add(c);
        }
        return scenes.Values;
    }
}
