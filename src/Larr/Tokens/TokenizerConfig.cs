using System.Text.Json;
using System.Text.Json.Nodes;
using Larr.Runs;

namespace Larr.Tokens;

/// <summary>A model folder's tokenizer_config.json: handed on unchanged, asked only for the end token.</summary>
sealed class TokenizerConfig
{
    const string FileName = "tokenizer_config.json";

    readonly string? text;

    TokenizerConfig(string? text, string? endToken) => (this.text, EndToken) = (text, endToken);

    /// <summary>No file: one is made when the tokeniser is saved.</summary>
    public static TokenizerConfig None { get; } = new(null, null);

    /// <summary>The token that the file names as eos_token.</summary>
    public string? EndToken { get; }

    /// <summary>Reads folder/tokenizer_config.json if it is there.</summary>
    public static TokenizerConfig Read(string folder)
    {
        string file = Path.Combine(folder, FileName);
        if (!File.Exists(file)) return None;
        string text = File.ReadAllText(file);
        try
        {
            JsonNode? end = (JsonNode.Parse(text) as JsonObject ?? throw new JsonException())["eos_token"];
            JsonNode? name = end is JsonObject ? end["content"] : end;
            return new(text, name is JsonValue value && value.TryGetValue(out string? token) ? token : null);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InputException(file, "content", "malformed JSON", "an object of settings");
        }
    }

    /// <summary>Writes the file as it was read, or one that names the end token.</summary>
    public void Write(string folder, string? endToken)
    {
        string end = endToken is null ? "" : $"  \"eos_token\": \"{endToken}\",\n";
        File.WriteAllText(Path.Combine(folder, FileName), text
            ?? $"{{\n{end}  \"tokenizer_class\": \"PreTrainedTokenizerFast\",\n  \"clean_up_tokenization_spaces\": false\n}}\n");
    }
}
