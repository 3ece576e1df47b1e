using System.Runtime.InteropServices;

namespace Larr.Data;

/// <summary>The distinct scenes of a table: rows with equal values in all scene fields share one.</summary>
/// <param name="OfRow">Number of each row's scene, in the order of first occurrence, [rows].</param>
/// <param name="Codes">Value codes of each scene, [scenes · n].</param>
/// <param name="Count">Number of scenes.</param>
public sealed record DistinctScenes(int[] OfRow, int[] Codes, int Count)
{
    /// <summary>Numbers the scenes of all rows by the scene fields <paramref name="fields"/>.</summary>
    public static DistinctScenes Of(ImpressionTable table, IReadOnlyList<string> fields)
    {
        int n = fields.Count;
        int[] ofRow = new int[table.Rows];
        int scenes = 1;
        foreach (string field in fields)
        {
            // A scene's number grows field by field: (number so far, next code) → next number. Exact, one pass per field.
            var numbers = new Dictionary<long, int>();
            ReadOnlySpan<int> codes = table.Codes(field);
            for (int r = 0; r < ofRow.Length; r++)
            {
                ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, ((long)ofRow[r] << 32) | (uint)codes[r], out bool known);
                if (!known) number = numbers.Count - 1;
                ofRow[r] = number;
            }
            scenes = numbers.Count;
        }
        int[] values = new int[scenes * n];
        for (int f = 0; f < n; f++)
        {
            ReadOnlySpan<int> codes = table.Codes(fields[f]);
            for (int r = 0; r < ofRow.Length; r++) values[ofRow[r] * n + f] = codes[r];
        }
        return new DistinctScenes(ofRow, values, scenes);
    }

    /// <summary>Names of the scene fields of a table.</summary>
    public static string[] FieldsOf(ImpressionTable table) => [.. table.FindAll(FieldRole.Scene).Select(f => f.Name)];
}
