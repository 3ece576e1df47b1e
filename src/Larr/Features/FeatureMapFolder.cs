using System.IO.Hashing;
using System.Text.Json;
using Larr.Data;
using Larr.Runs;

namespace Larr.Features;

/// <summary>A <see cref="FeatureMap"/> as files: <c>features.json</c> and a list of values for each field with a vocabulary.</summary>
public static class FeatureMapFolder
{
    const string Name = "features.json";

    /// <summary>Writes a map. Returns a hash of all files, for the model's own: <see cref="Check"/> compares it.</summary>
    public static string Save(FeatureMap map, string folder)
    {
        FeatureField[] saved = [.. map.Learned];
        for (int f = 0; f < saved.Length; f++)
        {
            if (saved[f].Kind is not (FeatureKind.Categorical or FeatureKind.Tags)) continue;
            IReadOnlyList<string> known = map.Known(f);
            StringFile.Write(VocabularyFile(folder, f), [.. known]);
            saved[f] = saved[f] with { Fingerprint = FeatureField.FingerprintOf(known) };
        }
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(saved, ConfigReader.Json);
        File.WriteAllBytes(Path.Combine(folder, Name), bytes);
        return FingerprintOf(bytes);
    }

    /// <summary>Compares the map in <paramref name="folder"/> with the one that a model was trained with: a whole map of another run may have as many rows.</summary>
    /// <param name="folder">Where <see cref="Save"/> wrote.</param>
    /// <param name="fingerprint">What it returned; null where the model's file does not say.</param>
    /// <param name="model">The file that says it, for the message.</param>
    /// <exception cref="InputException">There is no map, or it is another.</exception>
    internal static void Check(string folder, string? fingerprint, string model)
    {
        string path = Existing(folder);
        if (fingerprint is null) throw new InputException(model, "features", "no hash of the feature map", "a model of this version: train it again");
        string found = FingerprintOf(File.ReadAllBytes(path));
        if (found != fingerprint) throw new InputException(path, "feature map", $"that of another model, {found}", $"{fingerprint}, with which that of {model} was trained");
    }

    // The vocabularies' own hashes are among the bytes.
    static string FingerprintOf(byte[] bytes) => Convert.ToHexStringLower(XxHash3.Hash(bytes));

    /// <summary>Reads a saved map and fits it to the values of <paramref name="table"/>.</summary>
    /// <exception cref="InputException">A file is missing, a vocabulary is that of another run, or the table lacks a field or has it as another kind.</exception>
    public static FeatureMap Load(string folder, ImpressionTable table)
    {
        string path = Path.Combine(folder, Name);
        FeatureField[] fields = Fields(folder);
        int[][] ids = new int[fields.Length][];
        for (int f = 0; f < fields.Length; f++)
        {
            FeatureField field = fields[f];
            FieldConfig config = table.Fields.FirstOrDefault(t => t.Name == field.Name)
                ?? throw new InputException(path, "fields", field.Name, "a field of the impression table: the model was trained with it");
            if (config.Role is FieldRole.Number or FieldRole.Tags != (field.Kind is FeatureKind.Bucketised or FeatureKind.Scaled or FeatureKind.Tags))
                throw new InputException(path, field.Name, $"the role {config.Role}", $"the kind that the model was trained with, {field.Kind}");
            ids[f] = field.Kind switch
            {
                FeatureKind.Bucketised or FeatureKind.Scaled => [.. Enumerable.Range(0, field.Rows)],
                FeatureKind.Hashed => [.. table.Values(field.Name).Select(v => field.RowOf(v))],
                _ => Fit(VocabularyFile(folder, f), field, table.Values(field.Name)),
            };
        }
        return new FeatureMap(table, fields, ids);
    }

    /// <summary>The fields of a saved map, in its order.</summary>
    /// <exception cref="InputException">There is no map.</exception>
    internal static FeatureField[] Fields(string folder) => JsonSerializer.Deserialize<FeatureField[]>(File.ReadAllBytes(Existing(folder)), ConfigReader.Json)!;

    static string Existing(string folder)
    {
        string path = Path.Combine(folder, Name);
        return File.Exists(path) ? path : throw new InputException(path, "there is no feature map here");
    }

    static int[] Fit(string vocabulary, FeatureField field, IReadOnlyList<string> values)
    {
        Dictionary<string, int> rows = Vocabulary(vocabulary, field);
        return [.. values.Select(v => rows.GetValueOrDefault(v))];
    }

    /// <summary>The rows within a saved field by value.</summary>
    /// <exception cref="InputException">The file is missing, or is that of another run.</exception>
    internal static Dictionary<string, int> Vocabulary(string vocabulary, FeatureField field)
    {
        if (!File.Exists(vocabulary)) throw new InputException(vocabulary, $"the vocabulary of {field.Name} is missing");
        string[] known = StringFile.Read(vocabulary);
        if (known.Length != field.Values || FeatureField.FingerprintOf(known) != field.Fingerprint)
            throw new InputException(vocabulary, field.Name, "a vocabulary of another run", $"the one that {Name} beside it was written with");
        var rows = new Dictionary<string, int>(known.Length);
        for (int k = 0; k < known.Length; k++) rows[known[k]] = 1 + k;
        return rows;
    }

    /// <summary>Name of a saved field's vocabulary.</summary>
    internal static string VocabularyFile(string folder, int field) => Path.Combine(folder, $"features.{field}.values");
}
