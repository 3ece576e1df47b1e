using System.Text.Json;
using System.Text.Json.Serialization;
using Larr.Data;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Serve;

/// <summary>What a feature table is made of; tables of different descriptions are never mixed in one folder.</summary>
/// <param name="Encoder">SHA-256 of the scene encoder's weights.</param>
/// <param name="Vectors">What the values' vectors were made with.</param>
/// <param name="Values">Number of values in the index.</param>
/// <param name="Content">Hash of the values and their vectors: a refreshed index may have as many.</param>
/// <param name="Fields">The scene fields.</param>
/// <param name="Dimension">Length of a scene vector.</param>
/// <param name="Sources">The log's files by source, with size and time of the last change.</param>
/// <param name="View">The query over them.</param>
/// <param name="Key">Column of the row key; null for the number of the row.</param>
/// <param name="RowsPerPart">Rows of every part but the last.</param>
/// <param name="Identity">What the scene vectors were made with: the encoder on top of the values' vectors; null where nobody knows these.</param>
public sealed record FeatureTable(
    string Encoder, VectorIdentity? Vectors, int Values, string Content, IReadOnlyList<string> Fields, int Dimension, IReadOnlyDictionary<string, string> Sources, string View, string? Key, int RowsPerPart,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] VectorIdentity? Identity)
{
    /// <summary>Name of the description in the table's folder.</summary>
    public const string FileName = "features.json";

    /// <summary>Describes the table that a log gives with an encoder.</summary>
    internal static FeatureTable Of(
        SceneEncoder encoder, string encoderFolder, DataConfig log, string baseFolder, IReadOnlyDictionary<string, string> variables, string? key, int rowsPerPart)
    {
        var sources = new Dictionary<string, string>();
        foreach ((string name, SourceConfig source) in log.Sources.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            string path = PathVariables.Expand(source.Path, baseFolder, $"data.sources.{name}.path", variables);
            foreach (FileInfo file in PathVariables.Matching(path).Select(f => new FileInfo(f)))
                sources[$"{name}/{file.Name}"] = $"{file.Length} bytes, {file.LastWriteTimeUtc:yyyy-MM-dd HH:mm:ss.fffffff}";
        }
        string weights = FileHash.Of(Path.Combine(encoderFolder, Align.SceneArtefact.WeightsFile));
        return new FeatureTable(
            weights, encoder.Artefact.Vectors, Enumerable.Range(0, encoder.Fields.Count).Sum(encoder.Values), encoder.ContentHash(),
            encoder.Fields, encoder.Dimension, sources, log.View, key, rowsPerPart,
            encoder.Artefact.Vectors is { } values ? values with { Model = weights, Pooling = "scene", Dimension = encoder.Dimension } : null);
    }

    /// <summary>Writes the description, or compares it with the one that is there.</summary>
    /// <exception cref="InputException">The folder holds a table of another description; the message names the first difference.</exception>
    internal void Claim(string folder)
    {
        string path = Path.Combine(folder, FileName);
        JsonElement own = JsonSerializer.SerializeToElement(this, ConfigReader.Json);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(folder);
            Disk.Real.Replace(path, JsonSerializer.SerializeToUtf8Bytes(own, ConfigReader.Json));
            return;
        }
        using var there = JsonDocument.Parse(File.ReadAllBytes(path));
        foreach (JsonProperty property in own.EnumerateObject())
        {
            bool said = there.RootElement.TryGetProperty(property.Name, out JsonElement value);
            string found = said ? value.GetRawText() : "nothing";
            if (!said || !JsonElement.DeepEquals(value, property.Value)) throw new InputException(path, property.Name, found.ReplaceLineEndings(" "), $"{property.Value.GetRawText().ReplaceLineEndings(" ")}; another table is here, use another folder");
        }
    }
}
