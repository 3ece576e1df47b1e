namespace Larr.Contrast;

/// <summary>
/// A user's profile and an item the user clicked in the training part (LARR stage 2, arXiv 2408.11523). The persona in the profile
/// leaves the clicks on that item out, so that the pair is not solved by finding the item's own words again; clicks on other items of the
/// same category stay, as they are what a persona is.
/// </summary>
public static class UserItemPairs
{
    /// <summary>Mines the pairs, at most <see cref="ContrastConfig.MaxPairs"/>, sampled; empty where the table has no user.</summary>
    public static PairSet Mine(PairSource source, bool heldOut)
    {
        if (source.Clicks.Users is not { } users) return new(PairKind.UserItem, []);
        (int User, int Item)[] clicked =
        [
            .. users.Zip(source.Clicks.Items).Distinct()
                .Where(p => source.UserIsHeldOut[p.First] == heldOut && source.ItemIsHeldOut[p.Second] == heldOut && source.ItemTextOf(p.Second) is not null),
        ];
        new Random(source.Seed).Shuffle(clicked);
        return new(PairKind.UserItem, clicked.Take(source.Config.MaxPairs)
            .Select(p => (p.User, p.Item, Profile: source.Profiles.Of(p.User, without: p.Item)))
            .Where(p => p.Profile.Length > 0)
            .Select(p => new Pair(source.Pool.Add(p.Profile), source.Pool.Add(source.ItemTextOf(p.Item)!),
                p.User, source.ItemId(p.Item), Group: -1, Weight: 1)), source.Exposure);
    }
}
