using System.Runtime.InteropServices;
using System.Text.Json;
using Larr.Runs;

namespace Larr.Data;

/// <summary>Writes an <see cref="ImpressionTable"/> column by column; <see cref="Finish"/> writes <c>table.json</c> last.</summary>
public sealed class ImpressionTableWriter(string folder, int rows, IReadOnlyList<FieldConfig> fields)
{
    /// <summary>Writes a categorical field (user, item, group, scene, domain, feature, embedding).</summary>
    public void Codes(string field, ReadOnlySpan<int> codes, IReadOnlyCollection<string> values)
    {
        ColumnFile<int>.Write(At(field + ".codes"), Whole(codes));
        StringFile.Write(At(field + ".values"), values);
    }

    /// <summary>Writes the click labels.</summary>
    public void Labels(ReadOnlySpan<byte> labels) => ColumnFile<byte>.Write(At("label"), Whole(labels));

    /// <summary>Writes the conversion labels.</summary>
    public void Conversions(ReadOnlySpan<byte> conversions) => ColumnFile<byte>.Write(At("conversion"), Whole(conversions));

    /// <summary>Writes the true click probabilities.</summary>
    public void Truth(ReadOnlySpan<float> truth) => ColumnFile<float>.Write(At("truth"), Whole(truth));

    /// <summary>Writes the times.</summary>
    public void Times(ReadOnlySpan<long> times) => ColumnFile<long>.Write(At("time"), Whole(times));

    /// <summary>Writes the part of each row.</summary>
    public void Parts(ReadOnlySpan<Part> parts) => ColumnFile<byte>.Write(At("part"), MemoryMarshal.AsBytes(Whole(parts)));

    /// <summary>Writes a behaviour field: codes of the item field, in compressed-row form.</summary>
    public void Behaviour(string field, ReadOnlySpan<long> offsets, ReadOnlySpan<int> items)
    {
        ColumnFile<long>.Write(At(field + ".offsets"), offsets);
        ColumnFile<int>.Write(At(field + ".items"), items);
    }

    /// <summary>Writes a numeric field; NaN where there is no value.</summary>
    public void Numbers(string field, ReadOnlySpan<float> numbers) => ColumnFile<float>.Write(At(field + ".numbers"), Whole(numbers));

    /// <summary>Writes a tags field in compressed-row form, with its own dictionary.</summary>
    public void Tags(string field, ReadOnlySpan<long> offsets, ReadOnlySpan<int> tags, IReadOnlyCollection<string> values)
    {
        Behaviour(field, offsets, tags);
        StringFile.Write(At(field + ".values"), values);
    }

    /// <summary>Writes a text field: for each item or user code its text, or null.</summary>
    public void Texts(string field, IReadOnlyList<string?> textOfOwner)
    {
        var codes = new Dictionary<string, int>();
        int[] owners = new int[textOfOwner.Count];
        for (int o = 0; o < owners.Length; o++)
        {
            string? text = textOfOwner[o];
            if (text is null) owners[o] = -1;
            else if (!codes.TryGetValue(text, out owners[o])) codes[text] = owners[o] = codes.Count;
        }
        ColumnFile<int>.Write(At(field + ".owners"), owners);
        StringFile.Write(At(field + ".values"), [.. codes.Keys]);
    }

    /// <summary>Writes the layout; the table exists from here on.</summary>
    public void Finish() => File.WriteAllBytes(At("table.json"), JsonSerializer.SerializeToUtf8Bytes(new TableLayout(rows, fields), ConfigReader.Json));

    string At(string file) => Path.Combine(folder, file);

    ReadOnlySpan<T> Whole<T>(ReadOnlySpan<T> column) =>
        column.Length == rows ? column : throw new ArgumentException($"a column of {column.Length} values in a table of {rows} rows");
}
