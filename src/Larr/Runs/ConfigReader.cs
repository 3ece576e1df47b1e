using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Larr.Runs;

/// <summary>
/// Reads a JSON file with comments into typed records. Precedence: defaults of the record, the file, then
/// <c>a.b=c</c> settings, key by key: a file that sets one key of a record within a record leaves the others at the defaults
/// that stand there. Unknown keys are refused with the nearest known name.
/// </summary>
public static class ConfigReader
{
    /// <summary>camelCase keys and enumeration values, comments and trailing commas allowed, numbers strict.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        NumberHandling = JsonNumberHandling.Strict,
        RespectNullableAnnotations = true,
        WriteIndented = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { KeepDefaultsWithin } },
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    const string TopLevel = "top level";

    // A record within a record is filled where it stands; the serializer would otherwise begin a new one with the defaults of its type.
    static void KeepDefaultsWithin(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || !IsFillable(type.Type)) return;
        foreach (JsonPropertyInfo property in type.Properties)
            if (property.Get is not null && property.PropertyType.Assembly == typeof(ConfigReader).Assembly && IsFillable(property.PropertyType))
                property.ObjectCreationHandling = JsonObjectCreationHandling.Populate;
    }

    static bool IsFillable(Type type) => type is { IsClass: true, IsAbstract: false } && type.GetConstructor(Type.EmptyTypes) is not null;

    /// <summary>Reads <paramref name="path"/> as a <typeparamref name="T"/>, with <paramref name="settings"/> of the form <c>a.b=c</c> on top.</summary>
    /// <exception cref="InputException">The file is missing, is not JSON, or a key or value in it is wrong.</exception>
    public static T Read<T>(string path, IEnumerable<string> settings)
    {
        if (!File.Exists(path)) throw new InputException(path, "no such file");
        JsonNode root = Parse(path);
        foreach (string setting in settings) Apply(root, setting);
        UnknownKeys.Refuse(path, root, typeof(T));
        return Bind<T>(path, root);
    }

    /// <summary>The JSON schema of <typeparamref name="T"/>, for editors.</summary>
    public static JsonNode Schema<T>() => Json.GetJsonSchemaAsNode(typeof(T));

    static JsonNode Parse(string path)
    {
        try
        {
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };
            return JsonNode.Parse(File.ReadAllBytes(path), documentOptions: options) as JsonObject
                ?? throw new InputException(path, "expected a JSON object");
        }
        catch (JsonException e)
        {
            string where = e.LineNumber is { } line ? $"line {line + 1}, column {e.BytePositionInLine + 1}: " : "";
            throw new InputException(path, $"{where}not valid JSON{(e.Message.Contains("uplicate", StringComparison.Ordinal) ? ", a key stands twice: " + e.Message : "")}");
        }
    }

    static void Apply(JsonNode root, string setting)
    {
        int equals = setting.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) throw new InputException("--set", "setting", $"'{setting}'", "key.key=value");
        string[] keys = setting[..equals].Split('.');
        JsonNode node = root;
        foreach (string key in keys[..^1])
        {
            if (node is not JsonObject owner) throw new InputException("--set", setting[..equals], "a value on the way", "an object");
            node = owner[key] ??= new JsonObject();
        }
        if (node is not JsonObject parent) throw new InputException("--set", setting[..equals], "a value on the way", "an object");
        parent[keys[^1]] = Value(setting[(equals + 1)..]);
    }

    /// <summary>Settings are JSON where they parse as such (numbers, true, lists) and plain text otherwise.</summary>
    static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    static T Bind<T>(string path, JsonNode root)
    {
        try
        {
            return root.Deserialize<T>(Json)!;
        }
        catch (JsonException e)
        {
            string place = e.Path is null or "$" ? TopLevel : e.Path[2..];
            throw new InputException(path, place, At(root, place), Expected(e));
        }
    }

    static string At(JsonNode root, string place)
    {
        if (place == TopLevel) return "an object";
        JsonNode? node = root;
        foreach (string key in place.Split('.', '[').Select(k => k.TrimEnd(']')))
        {
            node = node switch
            {
                JsonObject o when o.ContainsKey(key) => o[key],
                JsonArray a when int.TryParse(key, out int i) && i < a.Count => a[i],
                _ => null,
            };
        }
        return node switch { JsonValue v => v.ToJsonString(), JsonArray => "a list", JsonObject => "an object", _ => "nothing" };
    }

    static string Expected(JsonException e)
    {
        const string missing = "missing required properties including: ";
        int at = e.Message.IndexOf(missing, StringComparison.Ordinal);
        if (at >= 0) return "the keys " + e.Message[(at + missing.Length)..].TrimEnd('.');
        const string convert = "could not be converted to ";
        at = e.Message.IndexOf(convert, StringComparison.Ordinal);
        return at < 0 ? "a value of the right kind" : Kind(e.Message[(at + convert.Length)..].Split(". ")[0]);
    }

    static string Kind(string typeName)
    {
        Type? type = Type.GetType(typeName) ?? typeof(ConfigReader).Assembly.GetType(typeName);
        if (type?.IsEnum == true)
            return "one of " + string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName));
        return typeName switch
        {
            "System.Int32" or "System.Int64" => "a whole number",
            "System.Double" or "System.Single" => "a number",
            "System.Boolean" => "true or false",
            "System.String" => "a text",
            _ => typeName.Contains("List", StringComparison.Ordinal) || typeName.EndsWith("[]", StringComparison.Ordinal) ? "a list" : "an object",
        };
    }
}
