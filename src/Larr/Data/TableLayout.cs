using System.Text.Json;
using System.Text.Json.Serialization;

namespace Larr.Data;

/// <summary>The contents of <c>table.json</c>.</summary>
/// <param name="Rows">Number of impressions.</param>
/// <param name="Fields">The fields, in the order of the experiment file.</param>
public sealed record TableLayout(int Rows, IReadOnlyList<FieldConfig> Fields)
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
