using Larr.Data;

namespace Larr.Contrast;

/// <summary>
/// A scene value and an item clicked under it in the training part; our addition to LARR's three kinds, because scene values are what the
/// pipeline embeds. The left text is the single value through its template, as the Embed stage reads it.
/// </summary>
/// <remarks>
/// A pair is drawn in proportion to what it tells: count · log lift, where lift = (count + s) / (expected + s) says how much likelier the item is under the
/// value than elsewhere. So a search that names a dish is drawn often, and a weekday under which everything is clicked alike hardly ever; pairs
/// that are no likelier than elsewhere are no positives at all. s = <see cref="Smoothing"/> keeps single clicks from looking certain.
/// Two pairs of one value stay each other's negatives: the softmax estimates which item a value asks for.
/// </remarks>
public static class SceneItemPairs
{
    /// <summary>s: clicks added to both the count and its expectation.</summary>
    public const double Smoothing = 1;

    /// <summary>Mines the pairs, the most telling ones up to <see cref="ContrastConfig.MaxPairs"/> per field; empty where there is no scene field.</summary>
    public static PairSet Mine(PairSource source, bool heldOut)
    {
        int[] clicks = [.. Enumerable.Range(0, source.Clicks.Items.Length)
            .Where(c => source.ItemIsHeldOut[source.Clicks.Items[c]] == heldOut && source.ItemTextOf(source.Clicks.Items[c]) is not null)];
        return new(PairKind.SceneItem, source.Scenes.Fields.SelectMany((field, group) => OfField(source, field, group, clicks)), source.Exposure);
    }

    /// <summary>Identity of a scene value within its field: no user's or item's.</summary>
    internal static int ValueId(int value) => -1 - value;

    static IEnumerable<Pair> OfField(PairSource source, FieldConfig field, int group, int[] clicks)
    {
        int[] codes = source.Clicks.CodesOf(source.Table, field.Name), items = source.Clicks.Items;
        Dictionary<(int Value, int Item), int> together = clicks.CountBy(c => (codes[c], items[c])).ToDictionary();
        Dictionary<int, int> ofValue = clicks.CountBy(c => codes[c]).ToDictionary(), ofItem = clicks.CountBy(c => items[c]).ToDictionary();
        return together
            .Select(t => (t.Key.Value, t.Key.Item, Weight: Tells(t.Value, (double)ofValue[t.Key.Value] * ofItem[t.Key.Item] / clicks.Length)))
            .Where(t => t.Weight > 0)
            .OrderByDescending(t => t.Weight).ThenBy(t => t.Value).ThenBy(t => t.Item)
            .Take(source.Config.MaxPairs)
            .Select(t => new Pair(source.Pool.Add(source.Scenes.Value(field, t.Value)), source.Pool.Add(source.ItemTextOf(t.Item)!),
                ValueId(t.Value), source.ItemId(t.Item), group, t.Weight));
    }

    /// <summary>count · log lift.</summary>
    internal static double Tells(int count, double expected) => count * Math.Log((count + Smoothing) / (expected + Smoothing));
}
