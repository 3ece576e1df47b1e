using System.Text.Json;
using Larr.Data;
using Larr.Runs;

namespace Larr.Serve;

/// <summary>The saved feature map of a click model: from a field's value, as text, to its row of the embedding table.</summary>
sealed class FeatureRows
{
    readonly Dictionary<string, int>[] _rows;
    readonly int[] _unknown;

    FeatureRows(string[] fields, Dictionary<string, int>[] rows, int[] unknown, int size) => (Fields, _rows, _unknown, Size) = (fields, rows, unknown, size);

    /// <summary>The categorical fields in the order of the model's input; the item first, where it is one.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>Rows of the embedding table.</summary>
    public int Size { get; }

    /// <summary>Reads what the click model's folder holds.</summary>
    public static FeatureRows Read(string folder)
    {
        string path = Path.Combine(folder, "features.json");
        if (!File.Exists(path)) throw new InputException(path, "there is no feature map here");
        string[] fields = JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(path))!;
        var rows = new Dictionary<string, int>[fields.Length];
        int[] unknown = new int[fields.Length];
        int next = 0;
        for (int f = 0; f < fields.Length; f++)
        {
            unknown[f] = next++;
            string[] values = StringFile.Read(Path.Combine(folder, $"features.{f}.values"));
            rows[f] = new Dictionary<string, int>(values.Length);
            foreach (string value in values) rows[f].Add(value, next++);
        }
        return new FeatureRows(fields, rows, unknown, next);
    }

    /// <summary>The row of a value; the field's out-of-vocabulary row, and false, where training did not know it. Allocates nothing.</summary>
    public bool TryGet(int field, ReadOnlySpan<char> value, out int row)
    {
        if (_rows[field].GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(value, out row)) return true;
        row = _unknown[field];
        return false;
    }
}
