using System.Text.Json;
using System.Text.Json.Nodes;
using Larr.Runs;

namespace Larr.Tokens;

public sealed partial class TokenizerJson
{
    static void Expect(string file, string place, JsonNode? node, string expected, params string?[] allowed)
    {
        if (!allowed.Contains(node is null ? null : Text(node))) throw new InputException(file, place, Show(node), expected);
    }

    // A single component, or the components of a "Sequence".
    static IReadOnlyList<JsonNode> Sequence(JsonNode? node, string key) =>
        node is null ? [] : Text(node["type"]) == "Sequence" ? [.. (node[key] as JsonArray ?? []).OfType<JsonNode>()] : [node];

    static JsonArray Items(string file, string place, JsonNode? node) =>
        node as JsonArray ?? throw new InputException(file, place, Show(node), "an array");

    const int MostIds = 1 << 24;

    static int Number(string file, string place, JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out int number) && number is >= 0 and < MostIds
            ? number : throw new InputException(file, place, Show(node), "a whole number from 0");

    static string Text(JsonNode? node) => node switch
    {
        null => "",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => node.ToJsonString(),
    };

    static string Show(JsonNode? node)
    {
        string text = node?.ToJsonString(format).ReplaceLineEndings(" ") ?? "nothing";
        return text.Length <= 80 ? text : text[..77] + "...";
    }
}
