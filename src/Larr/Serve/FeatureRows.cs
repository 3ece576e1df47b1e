using System.Text.Json;
using Larr.Data;
using Larr.Runs;

namespace Larr.Serve;

/// <summary>
/// The saved feature map of a click model: from a field's value, as text, to its row of the embedding table. Text features come after the categorical ones:
/// their rows are projected text vectors, by the item or user whose text it is.
/// </summary>
sealed class FeatureRows
{
    readonly Dictionary<string, int>[] _rows;
    readonly int[] _unknown;

    FeatureRows(string[] fields, int texts, Dictionary<string, int>[] rows, int[] unknown, int size) => (Fields, Texts, _rows, _unknown, Size) = (fields, texts, rows, unknown, size);

    /// <summary>The categorical fields in the order of the model's input, the item first, where it is one; then <c>FIELD text</c> per text feature.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>How many of the fields, from the last, are text features.</summary>
    public int Texts { get; }

    /// <summary>Rows of the embedding table.</summary>
    public int Size { get; }

    /// <summary>Reads what the click model's folder holds.</summary>
    public static FeatureRows Read(string folder, IReadOnlyList<string> texts)
    {
        string path = Path.Combine(folder, "features.json");
        if (!File.Exists(path)) throw new InputException(path, "there is no feature map here");
        string[] fields = JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(path))!;
        string[] files = [.. fields.Select((_, f) => $"features.{f}.values"), .. texts.Select((_, t) => $"texts.{t}.values")];
        var rows = new Dictionary<string, int>[files.Length];
        int[] unknown = new int[files.Length];
        int next = 0;
        for (int f = 0; f < files.Length; f++)
        {
            unknown[f] = next++;
            string[] values = StringFile.Read(Path.Combine(folder, files[f]));
            rows[f] = new Dictionary<string, int>(values.Length);
            foreach (string value in values) rows[f].Add(value, next++);
        }
        return new FeatureRows([.. fields, .. texts.Select(t => t + " text")], texts.Count, rows, unknown, next);
    }

    /// <summary>The rows of a field: its first, and how many.</summary>
    public (int First, int Count) RowsOf(int field) => (_unknown[field], _rows[field].Count + 1);

    /// <summary>The row of a value; the field's out-of-vocabulary row, and false, where training did not know it. Allocates nothing.</summary>
    public bool TryGet(int field, ReadOnlySpan<char> value, out int row)
    {
        if (_rows[field].GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(value, out row)) return true;
        row = _unknown[field];
        return false;
    }
}
