using System.Text.Json;
using Larr.Data;
using Larr.Runs;

namespace Larr.Align;

/// <summary>
/// From the dictionary codes of categorical fields to rows of one embedding table. It knows the values of the
/// training part alone: a value that is rare there, or absent, shares its field's out-of-vocabulary row.
/// </summary>
/// <remarks>
/// Field f owns the rows <c>[offset, offset + size)</c>; the first of them is its out-of-vocabulary row, the others follow the
/// order of the table's codes. Values are kept as strings, so a saved map fits any table with these fields.
/// </remarks>
public sealed class FeatureMap
{
    readonly int[][] _ids;
    readonly string[][] _known;
    readonly int[] _offsets;

    FeatureMap(string[] fields, string[][] known, int[] offsets, int[][] ids) => (Fields, _known, _offsets, _ids) = (fields, known, offsets, ids);

    /// <summary>The fields, in the order of the model's input.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>Number of rows of the embedding table.</summary>
    public int Size => _offsets[^1];

    /// <summary>The out-of-vocabulary row of each field.</summary>
    public ReadOnlySpan<int> Unknown => _offsets.AsSpan(0, Fields.Count);

    /// <summary>Maps every value of <paramref name="fields"/> that occurs at least <paramref name="minCount"/> times in the training part.</summary>
    public static FeatureMap Build(ImpressionTable table, IReadOnlyList<string> fields, int minCount)
    {
        ReadOnlySpan<Part> parts = table.Parts;
        var known = new string[fields.Count][];
        for (int f = 0; f < known.Length; f++)
        {
            IReadOnlyList<string> values = table.Values(fields[f]);
            ReadOnlySpan<int> codes = table.Codes(fields[f]);
            int[] counts = new int[values.Count];
            for (int r = 0; r < codes.Length; r++)
                if (parts[r] == Part.Train) counts[codes[r]]++;
            known[f] = [.. Enumerable.Range(0, counts.Length).Where(c => counts[c] >= Math.Max(1, minCount)).Select(c => values[c])];
        }
        return Map([.. fields], known, table);
    }

    /// <summary>Table rows by dictionary code of the field at position <paramref name="field"/>.</summary>
    public ReadOnlySpan<int> Ids(int field) => _ids[field];

    /// <summary>The values that own a row, in row order from the field's first row + 1.</summary>
    public IReadOnlyList<string> Known(int field) => _known[field];

    /// <summary>Position of a field, or −1.</summary>
    public int Find(string? field) => Array.IndexOf((string[])Fields, field);

    /// <summary>Share of the values in <paramref name="rows"/>, per field, that share the out-of-vocabulary row.</summary>
    public IReadOnlyDictionary<string, double> UnseenShare(ImpressionTable table, ReadOnlySpan<int> rows)
    {
        var share = new Dictionary<string, double>();
        for (int f = 0; f < Fields.Count; f++)
        {
            ReadOnlySpan<int> codes = table.Codes(Fields[f]);
            int unseen = 0;
            foreach (int row in rows)
                if (_ids[f][codes[row]] == _offsets[f]) unseen++;
            share[Fields[f]] = rows.Length == 0 ? 0 : (double)unseen / rows.Length;
        }
        return share;
    }

    /// <summary>Writes <c>features.json</c> and one list of values per field.</summary>
    public void Save(string folder)
    {
        File.WriteAllBytes(Path.Combine(folder, "features.json"), JsonSerializer.SerializeToUtf8Bytes(Fields));
        for (int f = 0; f < _known.Length; f++) StringFile.Write(Path.Combine(folder, $"features.{f}.values"), _known[f]);
    }

    /// <summary>Reads a saved map and fits it to the codes of <paramref name="table"/>.</summary>
    public static FeatureMap Load(string folder, ImpressionTable table)
    {
        string path = Path.Combine(folder, "features.json");
        if (!File.Exists(path)) throw new InputException(path, "there is no feature map here");
        string[] fields = JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(path))!;
        foreach (string field in fields)
            if (!table.Fields.Any(f => f.Name == field)) throw new InputException(path, "fields", field, "a field of the impression table");
        string[][] known = [.. fields.Select((_, f) => StringFile.Read(Path.Combine(folder, $"features.{f}.values")))];
        return Map(fields, known, table);
    }

    static FeatureMap Map(string[] fields, string[][] known, ImpressionTable table)
    {
        int[] offsets = new int[fields.Length + 1];
        int[][] ids = new int[fields.Length][];
        for (int f = 0; f < fields.Length; f++)
        {
            int offset = offsets[f];
            offsets[f + 1] = offset + known[f].Length + 1;
            var rows = new Dictionary<string, int>(known[f].Length);
            for (int k = 0; k < known[f].Length; k++) rows[known[f][k]] = offset + 1 + k;
            ids[f] = [.. table.Values(fields[f]).Select(v => rows.GetValueOrDefault(v, offset))];
        }
        return new FeatureMap(fields, known, offsets, ids);
    }
}
