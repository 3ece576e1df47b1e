using System.Text.Json.Nodes;

namespace Larr.Runs;

/// <summary>Compares the keys of a JSON tree with the properties of the record it is meant for.</summary>
static class UnknownKeys
{
    /// <summary>Throws for the first key that <paramref name="type"/> does not know, naming the nearest one it does.</summary>
    public static void Refuse(string path, JsonNode? node, Type type, string place = "")
    {
        if (ValueType(type) is { } valueType && node is JsonObject map)
        {
            foreach ((string key, JsonNode? value) in map)
            {
                RefuseNothing(path, value, valueType, place + key);
                Refuse(path, value, valueType, place + key + ".");
            }
        }
        else if (ItemType(type) is { } itemType && node is JsonArray list)
        {
            for (int i = 0; i < list.Count; i++)
            {
                RefuseNothing(path, list[i], itemType, $"{place.TrimEnd('.')}[{i}]");
                Refuse(path, list[i], itemType, $"{place.TrimEnd('.')}[{i}].");
            }
        }
        else if (node is JsonObject record && type.Namespace?.StartsWith("Larr", StringComparison.Ordinal) == true)
        {
            Dictionary<string, Type> known = ConfigReader.Json.GetTypeInfo(type).Properties
                .Where(p => p.Set is not null)
                .ToDictionary(p => p.Name, p => Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType);
            foreach ((string key, JsonNode? value) in record)
            {
                if (!known.TryGetValue(key, out Type? property))
                    throw new InputException(path, place + key, "an unknown key", $"'{Nearest.To(key, known.Keys)}' perhaps");
                Refuse(path, value, property, place + key + ".");
            }
        }
    }

    // What a list or map holds is never optional here, which types of elements cannot say.
    static void RefuseNothing(string path, JsonNode? node, Type type, string place)
    {
        if (node is null && !type.IsValueType) throw new InputException(path, place, "null", "a value");
    }

    static Type? ValueType(Type type) =>
        Generic(type, typeof(IReadOnlyDictionary<,>))?.GetGenericArguments()[1];

    static Type? ItemType(Type type) =>
        type == typeof(string) ? null : Generic(type, typeof(IEnumerable<>))?.GetGenericArguments()[0];

    static Type? Generic(Type type, Type definition) =>
        type.GetInterfaces().Prepend(type).FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == definition);
}
