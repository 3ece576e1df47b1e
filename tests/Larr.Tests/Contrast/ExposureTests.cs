using Larr.Contrast;
using Larr.Data;

namespace Larr.Tests.Contrast;

/// <summary>What was shown to whom, against plain loops over the table's training rows.</summary>
[Collection("torch")]
public sealed class ExposureTests : IDisposable
{
    const int Weather = 0; // the town's first scene field

    readonly PlantedTown _town = new();
    readonly PairSource _source;

    public ExposureTests() => _source = _town.Source(PlantedTown.Config with { ShownNegatives = 2 });

    public void Dispose() => _town.Dispose();

    int Users => _source.UserIsHeldOut.Length;

    /// <summary>Training rows of items that are not held out.</summary>
    IEnumerable<(int User, int Weather, int Item, bool Clicked)> Rows()
    {
        ImpressionTable table = _town.Table;
        for (int r = 0; r < table.Rows; r++)
        {
            int item = table.Codes("shop")[r];
            if (table.Parts[r] == Part.Train && !_source.ItemIsHeldOut[item]) yield return (table.Codes("user")[r], table.Codes("weather")[r], item, table.Labels[r] == 1);
        }
    }

    Pair Left(int id, int group = -1) => new(0, 0, id, 0, group, 1);

    [Fact]
    public void Left_and_right_have_met_where_one_was_shown_to_the_other()
    {
        Exposure exposure = _source.Exposure!;
        HashSet<(int, int)> shown = [.. Rows().Select(r => (r.User, r.Item))], under = [.. Rows().Select(r => (r.Weather, r.Item))];
        int items = _source.ItemIsHeldOut.Length;
        Assert.InRange(shown.Count, 1, Users * items / 2); // most have not met
        for (int item = 0; item < items; item++)
        {
            for (int user = 0; user < Users; user++)
                Assert.Equal(shown.Contains((user, item)), exposure.Met(PairKind.UserItem, Left(user), _source.ItemId(item)));
            for (int value = 0; value < 4; value++)
                Assert.Equal(under.Contains((value, item)), exposure.Met(PairKind.SceneItem, Left(SceneItemPairs.ValueId(value), Weather), _source.ItemId(item)));
        }
    }

    [Fact]
    public void Users_have_met_over_an_item_and_items_over_a_user()
    {
        Exposure exposure = _source.Exposure!;
        ILookup<int, int> ofUser = Rows().ToLookup(r => r.User, r => r.Item), ofItem = Rows().ToLookup(r => r.Item, r => r.User);
        foreach ((int a, int b) in (IEnumerable<(int, int)>)[(0, 1), (2, 70), (33, 34)])
        {
            Assert.Equal(ofUser[a].Intersect(ofUser[b]).Any(), exposure.Met(PairKind.UserUser, Left(a), b));
            Assert.Equal(ofItem[a].Intersect(ofItem[b]).Any(), exposure.Met(PairKind.ItemItem, Left(_source.ItemId(a)), _source.ItemId(b)));
        }
    }

    [Fact]
    public void What_was_passed_over_was_shown_and_never_clicked()
    {
        for (int user = 0; user < Users; user++)
        {
            var mine = Rows().Where(r => r.User == user).ToList();
            Assert.Equal(mine.Select(r => r.Item).Except(mine.Where(r => r.Clicked).Select(r => r.Item)).Order().Select(_source.ItemId), _source.Exposure!.PassedOver(Left(user)));
        }
    }

    [Fact]
    public void A_batch_gets_its_own_passed_over_items_and_masks_what_was_not_shown()
    {
        PairSet set = UserItemPairs.Mine(_source, heldOut: false);
        Pair[] batch = set.Draw(12, new Random(5));
        int[] passedOver = set.PassedOver(batch, 2, new Random(6));
        Assert.InRange(passedOver.Length, 12, 24);
        Assert.Equal(passedOver.Length, passedOver.Except(batch.Select(p => p.Right)).Count());
        HashSet<(int, int)> shown = [.. Rows().Select(r => (r.User, _source.ItemId(r.Item)))];
        Dictionary<int, int> idOf = set.Pairs.DistinctBy(p => p.Right).ToDictionary(p => p.Right, p => p.RightId);
        Assert.All(passedOver, text => Assert.Contains(batch, p => shown.Contains((p.LeftId, idOf[text]))));

        int[] keys = [.. batch.Select(p => p.Right), .. passedOver];
        bool[] mask = NegativeMasks.Forward(new(set, batch, passedOver));
        for (int i = 0; i < batch.Length; i++)
            for (int k = 0; k < keys.Length; k++)
                if (k != i && !shown.Contains((batch[i].LeftId, idOf[keys[k]]))) Assert.True(mask[i * keys.Length + k]);
        Assert.Contains(false, mask.AsSpan(batch.Length..keys.Length).ToArray());
    }

    [Fact]
    public void Without_the_option_every_text_may_be_a_negative()
    {
        PairSet set = UserItemPairs.Mine(_town.Source(), heldOut: false);
        Assert.Null(set.Exposure);
        Assert.Empty(set.PassedOver(set.Draw(4, new Random(1)), 2, new Random(1)));
    }
}
