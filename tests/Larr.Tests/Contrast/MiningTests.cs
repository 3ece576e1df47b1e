using Larr.Contrast;
using Larr.Data;

namespace Larr.Tests.Contrast;

[Collection("torch")]
public sealed class MiningTests : IDisposable
{
    readonly PlantedTown _town = new();

    public void Dispose() => _town.Dispose();

    static PairSet[] All(PairSource source, bool heldOut) =>
        [UserUserPairs.Mine(source, heldOut), ItemItemPairs.Mine(source, heldOut), UserItemPairs.Mine(source, heldOut), SceneItemPairs.Mine(source, heldOut)];

    [Fact]
    public void No_held_out_user_or_item_is_in_a_training_pair()
    {
        PairSource source = _town.Source();
        int users = source.UserIsHeldOut.Length;
        bool? HeldOutOf(int id) => id < 0 ? null : id < users ? source.UserIsHeldOut[id] : source.ItemIsHeldOut[id - users];
        foreach (bool heldOut in (bool[])[false, true])
            foreach (PairSet set in All(source, heldOut))
            {
                Assert.NotEmpty(set.Pairs);
                Assert.All(set.Pairs, p =>
                {
                    Assert.True(HeldOutOf(p.LeftId) is null || HeldOutOf(p.LeftId) == heldOut);
                    Assert.Equal(heldOut, HeldOutOf(p.RightId));
                });
            }
    }

    [Fact]
    public void Pairs_come_from_training_clicks_alone()
    {
        PairSource source = _town.Source();
        ImpressionTable table = _town.Table;
        int users = source.UserIsHeldOut.Length;
        HashSet<(int, int)> clicked = [.. source.Clicks.Rows.Select(r => (table.Codes("user")[r], table.Codes("shop")[r]))];
        Assert.All(source.Clicks.Rows, r => Assert.True(table.Parts[r] == Part.Train && table.Labels[r] == 1));
        Assert.All(UserItemPairs.Mine(source, heldOut: false).Pairs, p => Assert.Contains((p.LeftId, p.RightId - users), clicked));
    }

    [Fact]
    public void A_profile_leaves_the_clicked_item_out()
    {
        PairSource source = _town.Source();
        int users = source.UserIsHeldOut.Length;
        PairSet set = UserItemPairs.Mine(source, heldOut: false);
        Assert.All(set.Pairs, p => Assert.Equal(source.Profiles.Of(p.LeftId, without: p.RightId - users), source.Pool.Texts[p.Left]));
        Assert.Contains(set.Pairs, p => source.Pool.Texts[p.Left] != source.Profiles.Of(p.LeftId));
    }

    [Fact]
    public void Alike_users_and_items_share_what_was_planted()
    {
        PairSource source = _town.Source();
        string[] Category(PairSet set, Func<Pair, int> side) => [.. set.Pairs.Select(p => PlantedTown.Categories.Single(c => source.Pool.Texts[side(p)].Contains(c, StringComparison.Ordinal)))];
        PairSet items = ItemItemPairs.Mine(source, heldOut: false);
        double same = Category(items, p => p.Left).Zip(Category(items, p => p.Right)).Average(c => c.First == c.Second ? 1.0 : 0.0);
        Assert.InRange(same, 0.4, 1); // one quarter by chance
    }

    [Fact]
    public void A_scene_pair_is_drawn_by_what_it_tells()
    {
        PairSource source = _town.Source();
        PairSet set = SceneItemPairs.Mine(source, heldOut: false);
        int[] clicks = [.. Enumerable.Range(0, source.Clicks.Items.Length).Where(c => !source.ItemIsHeldOut[source.Clicks.Items[c]])];
        int[] weather = source.Clicks.CodesOf(_town.Table, "weather"), items = source.Clicks.Items;
        foreach (Pair pair in set.Pairs.Where(p => p.Group == 0))
        {
            int value = -1 - pair.LeftId, item = pair.RightId - source.UserIsHeldOut.Length;
            int count = clicks.Count(c => weather[c] == value && items[c] == item);
            double expected = (double)clicks.Count(c => weather[c] == value) * clicks.Count(c => items[c] == item) / clicks.Length;
            Assert.Equal(count * Math.Log((count + 1) / (expected + 1)), pair.Weight, 9);
        }
        // Everything is clicked at lunch, so lunch tells nothing of any item.
        Assert.DoesNotContain(set.Pairs, p => p.Group == 1);
        Assert.Contains("the weather is light rain", source.Pool.Texts);
    }

    [Fact]
    public void A_held_out_scene_pair_is_clicked_more_often_there_than_elsewhere()
    {
        PairSource source = _town.Source();
        PairSet set = SceneItemPairs.Mine(source, heldOut: true);
        Pair[] weather = [.. set.Pairs.Where(p => p.Group == 0)];
        double planted = weather.Average(p => Array.IndexOf(PlantedTown.Weathers, source.Pool.Texts[p.Left]["the weather is ".Length..])
            == Array.FindIndex(PlantedTown.Categories, c => source.Pool.Texts[p.Right].Contains(c, StringComparison.Ordinal)) ? 1.0 : 0.0);
        Assert.InRange(planted, 0.6, 1); // one quarter by chance
    }

    [Fact]
    public void Without_users_two_kinds_remain()
    {
        using PlantedTown town = new(withUsers: false);
        PairSource source = town.Source();
        Assert.Empty(UserUserPairs.Mine(source, heldOut: false).Pairs);
        Assert.Empty(UserItemPairs.Mine(source, heldOut: false).Pairs);
        Assert.NotEmpty(ItemItemPairs.Mine(source, heldOut: false).Pairs);
        Assert.NotEmpty(SceneItemPairs.Mine(source, heldOut: false).Pairs);
    }

    [Fact]
    public void Mining_is_the_same_for_the_same_seed()
    {
        PairSource one = _town.Source(PlantedTown.Config with { MaxPairs = 40 }), two = _town.Source(PlantedTown.Config with { MaxPairs = 40 });
        foreach ((PairSet a, PairSet b) in All(one, false).Zip(All(two, false))) Assert.Equal(a.Pairs, b.Pairs);
        Assert.Equal(one.Pool.Texts, two.Pool.Texts);
    }
}
