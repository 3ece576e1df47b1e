using System.Text.RegularExpressions;
using Larr.Data;

namespace Larr.Corpus;

/// <summary>The special tokens of a table's texts, each with words that describe it: new embedding rows start at the mean of those words.</summary>
public static partial class SpecialTokens
{
    /// <summary>Token → description, in a fixed order: the embedding token, personas, clicks, then the fields' segments.</summary>
    public static IReadOnlyDictionary<string, string> Of(ImpressionTable table)
    {
        var tokens = new Dictionary<string, string>
        {
            [EmbedToken.Text] = "meaning of the text",
            [UserProfile.LikesToken] = "likes",
            [BehaviourText.ClickedToken] = "clicked",
        };
        foreach (FieldConfig field in table.Fields.Where(f => f.Role is FieldRole.Text or FieldRole.Scene or FieldRole.Item))
            tokens.TryAdd(field.SpecialToken, Words(field.Token ?? field.Name));
        return tokens;
    }

    /// <summary>The tokens that open target segments: those of the text fields that say <c>"target": true</c>.</summary>
    public static IReadOnlyList<string> Targets(IEnumerable<FieldConfig> fields) => [.. fields.Where(f => f.Role == FieldRole.Text && f.Target).Select(f => f.SpecialToken)];

    static string Words(string name) => Seam().Replace(name, " ").ToLowerInvariant().Trim();

    [GeneratedRegex("[_\\-.\\s]+|(?<=[a-z])(?=[A-Z])")]
    private static partial Regex Seam();
}
