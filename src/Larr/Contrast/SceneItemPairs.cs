using Larr.Data;

namespace Larr.Contrast;

/// <summary>
/// A scene value and an item clicked under it in the training part; our addition to LARR's three kinds, because scene values are what the
/// pipeline embeds. The left text is the single value through its template, as the Embed stage reads it.
/// </summary>
/// <remarks>
/// Drawn: a scene field uniformly, a value of it in proportion to √count (so rare weather is not drowned), a click under it uniformly.
/// Two pairs of one value stay each other's negatives: the softmax estimates which item a value asks for, and with the correction for how
/// often an item is drawn the score becomes the value's and the item's pointwise mutual information.
/// A held-out pair is a value and a held-out item that is clicked under it more often than elsewhere.
/// </remarks>
public static class SceneItemPairs
{
    /// <summary>Mines the pairs, at most <see cref="ContrastConfig.MaxPairs"/> per field, sampled; empty where there is no scene field.</summary>
    public static PairSet Mine(PairSource source, bool heldOut)
    {
        int[] clicks = [.. Enumerable.Range(0, source.Clicks.Items.Length)
            .Where(c => source.ItemIsHeldOut[source.Clicks.Items[c]] == heldOut && source.ItemTextOf(source.Clicks.Items[c]) is not null)];
        return new(PairKind.SceneItem, source.Scenes.Fields.SelectMany((field, group) => OfField(source, field, group, clicks, heldOut)));
    }

    static IEnumerable<Pair> OfField(PairSource source, FieldConfig field, int group, int[] clicks, bool heldOut)
    {
        int[] codes = source.Clicks.CodesOf(source.Table, field.Name), items = source.Clicks.Items;
        Dictionary<(int Value, int Item), int> together = clicks.CountBy(c => (codes[c], items[c])).ToDictionary();
        Dictionary<int, int> ofValue = clicks.CountBy(c => codes[c]).ToDictionary(), ofItem = clicks.CountBy(c => items[c]).ToDictionary();
        ((int Value, int Item) Key, int Count)[] cells = [.. together.Select(t => (t.Key, t.Value))];
        new Random(source.Seed).Shuffle(cells);
        double roots = ofValue.Values.Sum(n => Math.Sqrt(n));
        foreach (((int value, int item), int count) in cells.Take(source.Config.MaxPairs))
        {
            double lift = (double)count * clicks.Length / ((double)ofValue[value] * ofItem[item]);
            if (heldOut && lift <= 1) continue;
            double weight = heldOut ? 1 : Math.Sqrt(ofValue[value]) / roots * count / ofValue[value];
            yield return new(source.Pool.Add(source.Scenes.Value(field, value)), source.Pool.Add(source.ItemTextOf(item)!),
                LeftId: -1 - value, source.ItemId(item), group, weight);
        }
    }
}
