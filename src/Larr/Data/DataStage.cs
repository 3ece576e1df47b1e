using System.Diagnostics;
using DuckDB.NET.Data;
using Larr.Runs;

namespace Larr.Data;

/// <summary>
/// Reads the sources through the view and writes an <see cref="ImpressionTable"/> and <c>report.json</c>. Rows are
/// taken in time order where there is a time, and in the order of the view otherwise; columns stream to their files,
/// and only dictionaries stay in memory.
/// </summary>
public static class DataStage
{
    /// <summary>Changes when the same input would give another table.</summary>
    public const int Version = 3;

    const string RowNumber = "\"#row\"";

    /// <summary>Runs the stage.</summary>
    /// <param name="config">Sources, view, fields and split.</param>
    /// <param name="baseFolder">Folder of the experiment file; relative paths start here.</param>
    /// <param name="variables">Values of <c>${NAME}</c> in paths that are not environment variables, such as <c>simulate</c>.</param>
    /// <param name="context">Where to write, and whom to tell.</param>
    /// <exception cref="InputException">Anything in the configuration or the data that is not as it should be.</exception>
    public static DataReport Run(DataConfig config, string baseFolder, IReadOnlyDictionary<string, string> variables, StageContext context)
    {
        var watch = Stopwatch.StartNew();
        FieldRules.Check(baseFolder, config.Fields);
        SplitRules.Check(baseFolder, config);
        NegativeRows.Check(baseFolder, config);
        using var database = new SourceDatabase(config, baseFolder, context.File("spill"), variables);
        IReadOnlyDictionary<string, string> types = database.Columns();
        foreach (FieldConfig field in config.Fields)
        {
            if (IsSampled(config, field))
            {
                if (types.ContainsKey(field.Name)) throw new InputException(baseFolder, "data.fields." + field.Name, "a column of the view", "none: with data.negatives every row of the view is a positive");
            }
            else if (!types.ContainsKey(field.Name))
                throw new InputException(baseFolder, "data.fields." + field.Name, "no such column in the view", $"'{Nearest.To(field.Name, types.Keys)}' perhaps");
        }

        // Logs are mostly in time order already, and then nothing needs to be sorted.
        (int rows, List<ColumnSink> sinks) = Read(database, config, types, sorted: false, context) ?? Read(database, config, types, sorted: true, context)!.Value;

        Part[] parts = config.Negatives is null ? SplitRules.Cut(config, rows, sinks, context.Folder) : NegativeRows.Insert(config, sinks, rows, context.Folder);
        rows = parts.Length;
        var writer = new ImpressionTableWriter(context.Folder, rows, config.Fields);
        writer.Parts(parts);
        Dictionary<string, int> cardinalities = sinks.Where(s => s.Cardinality is not null).ToDictionary(s => s.Field.Name, s => s.Cardinality!.Value);
        foreach (TextOwner owner in Enum.GetValues<TextOwner>())
            OwnerTexts.Write(database, config.Fields, owner, sinks, writer, cardinalities);
        writer.Finish();

        DataReport report = Report(database, config, rows, cardinalities, context.Folder, watch);
        context.WriteReport(report);
        context.Report($"{rows:N0} impressions, {report.SceneTexts:N0} scene texts", 1);
        return report;
    }

    /// <summary>Reads all rows into new columns; null when they were to be in time order and are not.</summary>
    static (int Rows, List<ColumnSink> Sinks)? Read(
        SourceDatabase database, DataConfig config, IReadOnlyDictionary<string, string> types, bool sorted, StageContext context)
    {
        var items = new ValueDictionary();
        List<ColumnSink> sinks = [.. config.Fields.Where(f => !IsSampled(config, f)).Select(f => ColumnSink.For(f, types[f.Name], context.Folder, database.Files, items)).OfType<ColumnSink>()];
        TimeSink? time = sinks.OfType<TimeSink>().SingleOrDefault();
        int rows = 0;
        try
        {
            using DuckDBCommand command = database.Command(RowQuery(sinks, sorted ? time : null));
            using DuckDBDataReader reader = command.ExecuteReader();
            for (; reader.Read(); rows++)
            {
                var place = new RowPlace(database.Files, reader.GetInt64(0));
                for (int s = 0; s < sinks.Count; s++) sinks[s].Append(reader, s + 1, place);
                if (time is { Ascending: false }) return null;
                if (rows % 65536 != 0) continue;
                context.Cancel.ThrowIfCancellationRequested();
                context.Report($"{rows:N0} impressions read");
            }
        }
        catch (DuckDBException e)
        {
            throw database.Complaint(e);
        }
        finally
        {
            foreach (ColumnSink sink in sinks) sink.Dispose();
        }
        if (rows == 0) throw new InputException(database.Files, "data.view", "no rows", "at least one impression per part of the split");
        foreach (ColumnSink sink in sinks) sink.Finish(context.Folder);
        return (rows, sinks);
    }

    /// <summary>Whether a field is made here, with the negatives, and not read.</summary>
    static bool IsSampled(DataConfig config, FieldConfig field) => config.Negatives is not null && field.Role == FieldRole.Label;

    /// <summary>The query of the rows, in the order of the view or in time order with the view's row number breaking ties.</summary>
    static string RowQuery(IReadOnlyList<ColumnSink> sinks, TimeSink? time)
    {
        string columns = string.Join(", ", sinks.Select(s => s.Sql).Prepend(RowNumber));
        string order = time is null ? "" : $" ORDER BY {SourceDatabase.Identifier(time.Field.Name)}, {RowNumber}";
        return $"SELECT {columns} FROM (SELECT *, row_number() OVER () AS {RowNumber} FROM {SourceDatabase.View}){order}";
    }

    static DataReport Report(
        SourceDatabase database, DataConfig config, int rows, Dictionary<string, int> cardinalities, string folder, Stopwatch watch)
    {
        using ImpressionTable table = ImpressionTable.Open(folder);
        int[] size = new int[3];
        long[] positives = new long[3];
        ReadOnlySpan<byte> labels = table.Labels;
        ReadOnlySpan<Part> parts = table.Parts;
        for (int r = 0; r < rows; r++)
        {
            size[(int)parts[r]]++;
            positives[(int)parts[r]] += labels[r];
        }
        foreach (Part part in Enum.GetValues<Part>())
        {
            if (size[(int)part] == 0) throw new InputException(database.Files, "data.split", $"a {part} part without rows".ToLowerInvariant(), "rows in every part");
            if (positives[(int)part] == 0) throw new InputException(database.Files, "data.split", $"a {part} part without clicks".ToLowerInvariant(), "clicks in every part");
        }
        if (positives[(int)Part.Train] == size[(int)Part.Train])
            throw new InputException(database.Files, "data.split", "a train part of clicks alone", "rows that were not clicked; data.negatives draws some where a log knows positives alone");
        return new DataReport(
            rows,
            positives.Sum(),
            Enum.GetValues<Part>().ToDictionary(p => p, p => new PartReport(size[(int)p], positives[(int)p], (double)positives[(int)p] / size[(int)p])),
            cardinalities,
            config.Fields.Where(f => f.Role == FieldRole.Scene).Sum(f => cardinalities[f.Name]),
            watch.Elapsed.TotalSeconds);
    }
}
