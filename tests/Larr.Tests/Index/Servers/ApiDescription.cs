using System.Text.Json;
using System.Text.RegularExpressions;

namespace Larr.Tests.Index.Servers;

/// <summary>Qdrant's own API description (OpenAPI), and whether JSON keeps to it. Knows the keywords that the description uses.</summary>
sealed partial class ApiDescription
{
    readonly JsonElement _root;

    ApiDescription(JsonElement root) => _root = root;

    /// <summary>The description in the data folder, or null.</summary>
    public static ApiDescription? Load()
    {
        string? data = Environment.GetEnvironmentVariable("LARR_DATA");
        string path = Path.Combine(data ?? "", "qdrant", "openapi.json");
        return data is not null && File.Exists(path) ? new ApiDescription(JsonDocument.Parse(File.ReadAllBytes(path)).RootElement) : null;
    }

    /// <summary>Everything about a request that the description does not allow.</summary>
    public IReadOnlyList<string> Problems(string method, string path, string query, string? body)
    {
        var problems = new List<string>();
        if (Operation(method, path) is not { } operation) return [$"{method} {path} is not described"];
        foreach (string pair in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            (string name, string value) = pair.Split('=') is [var n, var v] ? (n, v) : (pair, "");
            JsonElement[] known = [.. operation.GetProperty("parameters").EnumerateArray().Where(p => p.GetProperty("name").GetString() == name && p.GetProperty("in").GetString() == "query")];
            if (known.Length != 1) problems.Add($"query parameter {name}");
            else Check(known[0].GetProperty("schema"), JsonDocument.Parse(value).RootElement, "?" + name, problems);
        }
        bool described = operation.TryGetProperty("requestBody", out JsonElement requestBody);
        if (described != (body is not null)) problems.Add(described ? "no body" : "a body");
        else if (body is not null) Check(requestBody.GetProperty("content").GetProperty("application/json").GetProperty("schema"), JsonDocument.Parse(body).RootElement, "body", problems);
        return problems;
    }

    /// <summary>Everything about an answer of status 200 that the description does not allow.</summary>
    public IReadOnlyList<string> AnswerProblems(string method, string path, string body)
    {
        if (Operation(method, path) is not { } operation) return [$"{method} {path} is not described"];
        var problems = new List<string>();
        Check(operation.GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema"), JsonDocument.Parse(body).RootElement, "answer", problems);
        return problems;
    }

    JsonElement? Operation(string method, string path)
    {
        // A path without parameters goes before one with.
        foreach (JsonProperty described in _root.GetProperty("paths").EnumerateObject().OrderBy(p => p.Name.Contains('{')))
            if (Regex.IsMatch(path, "^" + Parameter().Replace(described.Name, "[^/]+") + "$") && described.Value.TryGetProperty(method.ToLowerInvariant(), out JsonElement operation)) return operation;
        return null;
    }

    void Check(JsonElement schema, JsonElement value, string at, List<string> problems)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            Check(_root.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]), value, at, problems);
            return;
        }
        if (value.ValueKind == JsonValueKind.Null)
        {
            bool nullable = schema.TryGetProperty("nullable", out JsonElement n) && n.GetBoolean();
            bool alternative = schema.TryGetProperty("anyOf", out JsonElement some) && some.EnumerateArray().Any(a => a.TryGetProperty("nullable", out JsonElement o) && o.GetBoolean());
            if (!nullable && !alternative) problems.Add($"{at}: null");
            return;
        }
        foreach (string keyword in new[] { "anyOf", "oneOf" })
        {
            if (!schema.TryGetProperty(keyword, out JsonElement alternatives)) continue;
            // {"nullable": true} beside other alternatives says only that null will do.
            List<string>[] wrong = [.. alternatives.EnumerateArray().Where(a => !OnlyNullable(a)).Select(a => Under(a, value, at))];
            if (wrong.All(w => w.Count > 0)) problems.Add($"{at}: none of {wrong.Length} alternatives ({wrong.MinBy(w => w.Count)![0]})");
        }
        if (schema.TryGetProperty("enum", out JsonElement allowed) && !allowed.EnumerateArray().Any(a => JsonElement.DeepEquals(a, value))) problems.Add($"{at}: {value} is not one of {allowed}");
        if (schema.TryGetProperty("type", out JsonElement type) && !Is(type.GetString()!, value)) problems.Add($"{at}: {value.ValueKind} instead of {type}");
        else CheckContent(schema, value, at, problems);
    }

    void CheckContent(JsonElement schema, JsonElement value, string at, List<string> problems)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            if (schema.TryGetProperty("minimum", out JsonElement least) && value.GetDouble() < least.GetDouble()) problems.Add($"{at}: {value} is below {least}");
            if (schema.TryGetProperty("maximum", out JsonElement most) && value.GetDouble() > most.GetDouble()) problems.Add($"{at}: {value} is above {most}");
        }
        if (value.ValueKind == JsonValueKind.String && schema.TryGetProperty("format", out JsonElement format) && format.GetString() == "uuid" && !Guid.TryParse(value.GetString(), out _)) problems.Add($"{at}: no UUID");
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out JsonElement items))
            foreach (JsonElement item in value.EnumerateArray()) Check(items, item, at + "[]", problems);
        if (value.ValueKind != JsonValueKind.Object) return;

        if (schema.TryGetProperty("required", out JsonElement required))
            foreach (JsonElement name in required.EnumerateArray())
                if (!value.TryGetProperty(name.GetString()!, out _)) problems.Add($"{at}: {name} is missing");
        bool has = schema.TryGetProperty("properties", out JsonElement properties), open = schema.TryGetProperty("additionalProperties", out JsonElement more);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (has && properties.TryGetProperty(property.Name, out JsonElement own)) Check(own, property.Value, $"{at}.{property.Name}", problems);
            else if (open && more.ValueKind == JsonValueKind.Object) Check(more, property.Value, $"{at}.{property.Name}", problems);
            else if (has && !(open && more.ValueKind == JsonValueKind.True)) problems.Add($"{at}: {property.Name} is not described"); // stricter than OpenAPI
        }
    }

    List<string> Under(JsonElement schema, JsonElement value, string at)
    {
        var problems = new List<string>();
        Check(schema, value, at, problems);
        return problems;
    }

    static bool OnlyNullable(JsonElement schema) => schema.ValueKind == JsonValueKind.Object && schema.EnumerateObject().All(p => p.Name == "nullable");

    static bool Is(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal number) && number == decimal.Truncate(number),
        "number" => value.ValueKind == JsonValueKind.Number,
        _ => throw new NotSupportedException($"type {type}"),
    };

    [GeneratedRegex("{[^}]+}")]
    private static partial Regex Parameter();
}
