using System.Text.Json;
using System.Text.Json.Serialization;

namespace Larr.Data;

/// <summary>Reads a text that may be written as a list of lines, so that a long query stays readable in JSON.</summary>
sealed class SqlLines : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) return reader.GetString()!;
        return string.Join('\n', JsonSerializer.Deserialize<string[]>(ref reader, options)!);
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
