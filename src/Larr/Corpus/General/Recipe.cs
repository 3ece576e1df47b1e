using System.Text.RegularExpressions;

namespace Larr.Corpus.General;

/// <summary>A recipe out of its Markdown file.</summary>
/// <param name="Title">The dish.</param>
/// <param name="Tags">Cuisine, kind of dish, main ingredients.</param>
/// <param name="Introduction">What is said before the lists; may be empty.</param>
/// <param name="Ingredients">One entry per ingredient, with its amount.</param>
/// <param name="Steps">What to do, in order.</param>
public sealed partial record Recipe(
    string Title, IReadOnlyList<string> Tags, string Introduction, IReadOnlyList<string> Ingredients, IReadOnlyList<string> Steps)
{
    /// <summary>Reads front matter (title, tags) and the sections "Ingredients" and "Directions"; null if title or lists are missing.</summary>
    public static Recipe? Parse(string markdown)
    {
        string title = "", section = "front";
        string[] tags = [];
        List<string> introduction = [], ingredients = [], steps = [];
        foreach (string raw in markdown.Split('\n').Skip(1))
        {
            string line = raw.Trim();
            if (section == "front")
            {
                if (line == "---") section = "";
                else if (line.StartsWith("title:", StringComparison.Ordinal)) title = line[6..].Trim(' ', '"', '\'');
                else if (line.StartsWith("tags:", StringComparison.Ordinal)) tags = [.. Quoted().Matches(line).Select(m => m.Groups[1].Value.Replace('-', ' ').ToLowerInvariant())];
            }
            else if (line.StartsWith('#')) section = line.TrimStart('#').Trim().ToLowerInvariant();
            else if (Plain(line) is { Length: > 0 } text)
                (section switch
                {
                    "ingredients" => ingredients,
                    "directions" or "instructions" => steps,
                    "" when !Item().IsMatch(line) => introduction,
                    _ => [],
                }).Add(text);
        }
        return title.Length > 0 && ingredients.Count > 0 && steps.Count > 0
            ? new(title, tags, string.Join(' ', introduction), ingredients, steps) : null;
    }

    // Without images, link targets, HTML, emphasis and the list's own marks.
    static string Plain(string line)
    {
        string text = Image().Replace(Item().Replace(line, ""), "");
        text = Link().Replace(text, "$1");
        return Spaces().Replace(Markup().Replace(text, ""), " ").Trim();
    }

    [GeneratedRegex("['\"]([^'\"]+)['\"]")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^([-*+]|\d+[.)])\s*(\[[ x]\]\s*)?")]
    private static partial Regex Item();

    [GeneratedRegex(@"!\[[^\]]*\]\([^)]*\)|\{\{[^}]*\}\}")]
    private static partial Regex Image();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"<[^>]*>|https?://\S+|[*_`]+|\p{Cs}|\uFE0F")]
    private static partial Regex Markup();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
