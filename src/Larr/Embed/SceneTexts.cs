using System.Security.Cryptography;
using System.Text;
using Larr.Data;

namespace Larr.Embed;

/// <summary>Every distinct value of every scene field of a table, in words: all that the language model ever reads of the scenes.</summary>
public static class SceneTexts
{
    /// <summary>The values in the order of the fields and their dictionaries; popularity counts training rows.</summary>
    public static IReadOnlyList<ValueText> Of(ImpressionTable table)
    {
        var texts = new List<ValueText>();
        foreach (FieldConfig field in table.FindAll(FieldRole.Scene))
        {
            IReadOnlyList<string> values = table.Values(field.Name);
            long[] trainRows = TrainRows(table, field.Name);
            for (int code = 0; code < values.Count; code++)
                texts.Add(new ValueText(field.Name, values[code], field.Say(values[code]), trainRows[code]));
        }
        return texts;
    }

    /// <summary>SHA-256, in hex, of the names and templates of the scene fields, a line each.</summary>
    public static string TemplateHash(IEnumerable<FieldConfig> sceneFields) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(sceneFields.Select(f => $"{f.Name}\t{f.Template}\n")))));

    /// <summary>Number of training rows that hold each code of a field.</summary>
    static long[] TrainRows(ImpressionTable table, string field)
    {
        long[] counts = new long[table.Values(field).Count];
        ReadOnlySpan<int> codes = table.Codes(field);
        ReadOnlySpan<Part> parts = table.Parts;
        for (int r = 0; r < codes.Length; r++)
            if (parts[r] == Part.Train) counts[codes[r]]++;
        return counts;
    }
}
