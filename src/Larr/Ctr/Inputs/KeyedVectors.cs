using Larr.Data;
using Larr.Index;
using Larr.Runs;

namespace Larr.Ctr.Inputs;

/// <summary>Vectors made elsewhere, by key: read from Parquet, or from the live generation of an index.</summary>
/// <param name="Keys">The keys, each once.</param>
/// <param name="Vectors">[keys, D], as they were made.</param>
/// <param name="Dimension">Length D of a vector.</param>
/// <param name="Identity">What they were made with, as LARR prints it; null where nobody says.</param>
public sealed record KeyedVectors(IReadOnlyList<string> Keys, float[] Vectors, int Dimension, string? Identity)
{
    /// <summary>
    /// Content hash of every file behind the source of <paramref name="field"/>, by name: what a stage that reads it depends on. Vectors of another identity than the
    /// experiment says are refused here already, before anything runs.
    /// </summary>
    /// <param name="field">A field of the role embedding.</param>
    /// <param name="baseFolder">Folder of the experiment file.</param>
    /// <exception cref="InputException">There is no such file, or its vectors are of another identity.</exception>
    public static IReadOnlyDictionary<string, string> Hashes(FieldConfig field, string baseFolder)
    {
        string path = PathOf(field, baseFolder);
        string? expected = field.Vectors!.Identity;
        if (!Directory.Exists(path))
        {
            string[] files = Files(field, path);
            if (expected is not null) KeyedVectorParquet.CheckIdentity(files, expected);
            return files.ToDictionary(f => $"{field.Name}/{Path.GetFileName(f)}", FileHash.Of);
        }
        using Generation live = new IndexFolder(path).OpenLive();
        KeyedVectorParquet.Compare(path, live.Header.Identity.ToString(), expected);
        // The header holds the checksums of all that belongs to the generation.
        return new Dictionary<string, string> { [$"{field.Name}/generation"] = FileHash.Of(Path.Combine(live.Folder, IndexFormat.Header)) };
    }

    /// <summary>Reads the source of <paramref name="field"/>.</summary>
    /// <param name="field">A field of the role embedding.</param>
    /// <param name="baseFolder">Folder of the experiment file.</param>
    /// <exception cref="InputException">A file is missing or is none of these, its vectors are of another identity than the experiment says, or a vector cannot be used.</exception>
    public static KeyedVectors Read(FieldConfig field, string baseFolder)
    {
        string path = PathOf(field, baseFolder), of = field.Vectors!.Field ?? field.Name;
        var rows = new KeyedVectorRows();
        string? identity = Directory.Exists(path) ? ReadIndex(path, of, field.Vectors.Identity, rows) : KeyedVectorParquet.Read(Files(field, path), of, field.Vectors.Identity, rows);
        return rows.Keys.Count > 0 ? new KeyedVectors([.. rows.Keys], [.. rows.Vectors], rows.Dimension, identity) : throw new InputException(path, of, "no vector", "a vector per key");
    }

    /// <summary>The complaint about a field that is not in a source of several.</summary>
    internal static InputException WrongField(string file, string field, IEnumerable<string> fields) =>
        new(file, "field", string.Join(", ", fields), $"{field}, or name another as vectors.field");

    static string PathOf(FieldConfig field, string baseFolder) =>
        PathVariables.Expand(field.Vectors!.Path, baseFolder, $"data.fields.{field.Name}.vectors.path", new Dictionary<string, string>());

    static string[] Files(FieldConfig field, string path) => PathVariables.Matching(path) is { Length: > 0 } files ? files
        : throw new InputException(path, $"no such file or index; data.fields.{field.Name}.vectors.path is {field.Vectors!.Path}");

    static string ReadIndex(string path, string field, string? expected, KeyedVectorRows rows)
    {
        using Generation live = new IndexFolder(path).OpenLive();
        string identity = live.Header.Identity.ToString();
        KeyedVectorParquet.Compare(path, identity, expected);
        if (live.Header.Fields.All(f => f.Name != field)) throw WrongField(path, field, live.Header.Fields.Select(f => f.Name));
        foreach (int row in live.Rows(field)) rows.Add(path, $"row {row}", live.Value(row), live.Vector(row));
        return identity;
    }
}
