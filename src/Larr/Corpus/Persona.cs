using Larr.Data;

namespace Larr.Corpus;

/// <summary>
/// What somebody likes, in words, counted from training clicks: the phrases (categories, dishes) of the clicked items.
/// An explicit persona of the K most telling phrases, after PerCoNet (arXiv 2304.07923); how phrases are found and said is our choice.
/// </summary>
/// <remarks>
/// A text is cut at commas and semicolons into phrases. A field serves a persona when its phrases recur (each on two items or more,
/// on average), target fields before given ones; where none does, the first text field, and without texts the item's identity.
/// </remarks>
public sealed class Persona
{
    readonly List<string> _phrases = [];
    readonly int[][] _phrasesOfItem;
    readonly double[] _rarity;

    /// <summary>Cuts the texts of all items into phrases.</summary>
    public Persona(ImpressionTable table, ItemText items)
    {
        Dictionary<FieldConfig, string[][]> cut = items.Fields.ToDictionary(f => f,
            f => Enumerable.Range(0, items.Count).Select(i => Cut(table.Text(f.Name, i))).ToArray());
        bool Recurs(FieldConfig field) => cut[field].Sum(p => p.Length) is int all and > 0 && all >= 2 * cut[field].SelectMany(p => p).Distinct().Count();
        FieldConfig[] recurring = [.. items.Fields.Where(Recurs)];
        FieldConfig[] chosen = recurring.Any(f => f.Target) ? [.. recurring.Where(f => f.Target)] : [.. recurring];
        if (chosen.Length == 0) chosen = [.. items.Fields.Take(1)];

        var codes = new Dictionary<string, int>();
        int Code(string phrase)
        {
            if (codes.TryAdd(phrase, _phrases.Count)) _phrases.Add(phrase);
            return codes[phrase];
        }
        _phrasesOfItem = [.. Enumerable.Range(0, items.Count).Select(i =>
            (chosen.Length == 0 ? [items.Words(i)] : chosen.SelectMany(f => cut[f][i])).Distinct().Select(Code).ToArray())];
        Dictionary<int, int> carriers = Count(Enumerable.Range(0, items.Count));
        _rarity = [.. Enumerable.Range(0, _phrases.Count).Select(p => Math.Log(1 + (double)items.Count / carriers[p]))];
    }

    /// <summary>How many of the clicked items carry each phrase.</summary>
    public Dictionary<int, int> Count(IEnumerable<int> clickedItems)
    {
        var counts = new Dictionary<int, int>();
        foreach (int item in clickedItems)
            foreach (int phrase in _phrasesOfItem[item])
                counts[phrase] = counts.GetValueOrDefault(phrase) + 1;
        return counts;
    }

    /// <summary>
    /// The phrases clicked most, rare ones before common ones (count · log(1 + items / items with the phrase), so that "cheap" does not hide "noodle soup"), each
    /// with how often as a word: "mostly" from one half of the clicks, "often" from one fifth, else "sometimes".
    /// </summary>
    /// <param name="counts">From <see cref="Count"/>.</param>
    /// <param name="clicks">Number of clicks counted.</param>
    /// <param name="top">Most phrases to say.</param>
    public string Frequent(Dictionary<int, int> counts, int clicks, int top) => string.Join(", ",
        counts.OrderByDescending(c => c.Value * _rarity[c.Key]).ThenBy(c => _phrases[c.Key], StringComparer.Ordinal).Take(top)
            .Select(c => $"{HowOften((double)c.Value / clicks)} {_phrases[c.Key]}"));

    /// <summary>The phrases that stand out against all clicks: largest positive count · log(share here / share overall).</summary>
    public string Distinctive(Dictionary<int, int> counts, int clicks, Dictionary<int, int> allCounts, int allClicks, int top) => string.Join(", ",
        counts.Select(c => (Phrase: _phrases[c.Key], Score: c.Value * Math.Log((double)c.Value / clicks * allClicks / allCounts[c.Key])))
            .Where(p => p.Score > 1e-9)
            .OrderByDescending(p => p.Score).ThenBy(p => p.Phrase, StringComparer.Ordinal).Take(top)
            .Select(p => p.Phrase));

    static string HowOften(double share) => share >= 0.5 ? "mostly" : share >= 0.2 ? "often" : "sometimes";

    static string[] Cut(string? text) =>
        text?.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
