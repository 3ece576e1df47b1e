using Larr.Ctr;
using Larr.Data;
using Larr.Stats;

namespace Larr.Tests.Ctr;

public sealed class CtrSlicesTests
{
    [Theory]
    [InlineData(CtrSlices.ItemSeen, "item", false)]
    [InlineData(CtrSlices.UserSeen, "user", false)]
    [InlineData(CtrSlices.ItemClicked, "item", true)]
    public void Rows_are_sliced_by_how_often_training_has_seen_their_item_or_user_or_a_click_on_it(string by, string field, bool clicksAlone)
    {
        using var planted = new PlantedTable(600, items: 300);
        ImpressionTable table = planted.Table;
        int[] codes = table.Codes(field).ToArray(), train = table.RowsOf(Part.Train), test = table.RowsOf(Part.Test);
        byte[] labels = table.Labels.ToArray();
        float[] scores = [.. test.Select(r => (r * 37 % 101) / 101f)];
        IReadOnlyList<CtrSlice> slices = [.. CtrSlices.Of(table, test, new CtrPredictions(scores, [])).Where(s => s.By == by)];

        (string Value, int Low, int High)[] ranges = [("0", 0, 0), ("1 to 4", 1, 4), ("5 to 19", 5, 19), ("20 to 99", 20, 99), ("100 or more", 100, int.MaxValue)];
        List<string> expected = [];
        foreach ((string value, int low, int high) in ranges)
        {
            int[] positions = [.. Enumerable.Range(0, test.Length).Where(i => train.Count(t => codes[t] == codes[test[i]] && (!clicksAlone || labels[t] == 1)) is var n && n >= low && n <= high)];
            if (positions.Length == 0) continue;
            expected.Add(value);
            CtrSlice slice = slices.Single(s => s.Value == value);
            byte[] clicks = [.. positions.Select(i => labels[test[i]])];
            Assert.Equal((positions.Length, clicks.Count(c => c == 1)), (slice.Rows, slice.Clicks));
            double auc = Auc.Compute([.. positions.Select(i => scores[i])], clicks);
            Assert.Equal(double.IsNaN(auc) ? null : auc, slice.Auc);
        }
        Assert.Equal(expected, slices.Select(s => s.Value));
        Assert.Contains("0", expected);
    }
}
