using Larr.Runs;

namespace Larr.Data;

/// <summary>Puts sampled negatives between the positives of a table that has just been read: every column file is written anew, longer.</summary>
static class NegativeRows
{
    /// <summary>Throws where the configuration does not fit the fields.</summary>
    internal static void Check(string file, DataConfig config)
    {
        if (config.Negatives is not { } negatives) return;
        if (negatives.PerPositive < 1) throw new InputException(file, "data.negatives.perPositive", $"{negatives.PerPositive}", "1 or more");
        if (config.Fields.All(f => f.Role != FieldRole.User)) throw new InputException(file, "data.negatives", "no user", "a field with the role user: negatives are what a user did not take");
        if (config.Fields.Any(f => f.Role is FieldRole.Conversion or FieldRole.Truth))
            throw new InputException(file, "data.negatives", "a conversion or truth field", "none: a sampled negative has neither");
        if (config.Fields.FirstOrDefault(f => f is { OfItem: true, OfScene: true }) is { } both)
            throw new InputException(file, $"data.fields.{both.Name}", "ofItem and ofScene", "one of them: a sampled negative has the feature of its item or of its scene");
        if (negatives.Kind is NegativeKind.ContextSwap or NegativeKind.OwnHistory && !config.Fields.Any(IsContext))
            throw new InputException(file, "data.negatives.kind", $"{negatives.Kind}", "a field with the role scene, which tells one context from another");
    }

    /// <summary>Samples and rewrites; returns the part of each row then.</summary>
    internal static Part[] Insert(DataConfig config, IReadOnlyList<ColumnSink> sinks, int positives, string folder)
    {
        // A random split deals out positives and negatives alike, as published splits do.
        Part[]? parts = config.Split.Kind == SplitKind.Random ? null : SplitRules.Cut(config, positives, sinks, folder);
        string At(string name) => Path.Combine(folder, name);
        FieldConfig One(FieldRole role) => config.Fields.Single(f => f.Role == role);
        int[] Codes(FieldConfig field) => Column<int>(At(field.Name + ".codes"));
        FieldConfig[] context = [.. config.Fields.Where(IsContext)];
        int[] items = Codes(One(FieldRole.Item));
        List<SampledRow> rows = new NegativeSampler(config.Negatives!, Codes(One(FieldRole.User)), items,
            NegativeSampler.Contexts([.. context.Select(Codes)], positives), parts).Draw();

        // The first row of each item tells what belongs to the item.
        int[] firstOf = new int[items.Max() + 1];
        for (int r = positives - 1; r >= 0; r--) firstOf[items[r]] = r;

        ColumnFile<byte>.Write(At("label"), rows.Select(r => r.Label).ToArray());
        foreach (FieldConfig field in config.Fields)
        {
            switch (field.Role)
            {
                case FieldRole.Item:
                    ColumnFile<int>.Write(At(field.Name + ".codes"), rows.Select(r => r.Item).ToArray());
                    break;
                case FieldRole.Behaviour or FieldRole.Tags:
                    Lists(At(field.Name + ".offsets"), At(field.Name + ".items"), rows, From(field));
                    break;
                case FieldRole.Number:
                    Rewrite<float>(At(field.Name + ".numbers"), rows, From(field));
                    break;
                case FieldRole.Time:
                    Rewrite<long>(At("time"), rows, From(field));
                    break;
                case FieldRole.User or FieldRole.Group or FieldRole.Scene or FieldRole.Domain or FieldRole.Feature or FieldRole.Embedding:
                    Rewrite<int>(At(field.Name + ".codes"), rows, From(field));
                    break;
                default:
                    break;
            }
        }
        return parts is null ? SplitRules.Cut(config, rows.Count, sinks, folder) : [.. rows.Select(r => parts[r.Positive])];

        Func<SampledRow, int> From(FieldConfig field) => field.Role switch
        {
            FieldRole.Scene or FieldRole.Domain => row => row.Context,
            FieldRole.Feature or FieldRole.Number or FieldRole.Tags or FieldRole.Embedding when field.OfItem => row => firstOf[row.Item],
            FieldRole.Feature or FieldRole.Number or FieldRole.Tags or FieldRole.Embedding when field.OfScene => row => row.Context,
            _ => row => row.Positive,
        };
    }

    static bool IsContext(FieldConfig field) => field.Role is FieldRole.Scene or FieldRole.Domain || (field.Role == FieldRole.Feature && field.OfScene);

    static void Rewrite<T>(string path, List<SampledRow> rows, Func<SampledRow, int> from) where T : unmanaged
    {
        T[] old = Column<T>(path);
        ColumnFile<T>.Write(path, rows.Select(r => old[from(r)]).ToArray());
    }

    static void Lists(string offsetsPath, string itemsPath, List<SampledRow> rows, Func<SampledRow, int> from)
    {
        long[] offsets = Column<long>(offsetsPath);
        int[] items = Column<int>(itemsPath);
        using var newOffsets = new ColumnWriter<long>(offsetsPath);
        using var newItems = new ColumnWriter<int>(itemsPath);
        long end = 0;
        newOffsets.Append(0);
        foreach (int row in rows.Select(from))
        {
            for (long i = offsets[row]; i < offsets[row + 1]; i++) newItems.Append(items[i]);
            end += offsets[row + 1] - offsets[row];
            newOffsets.Append(end);
        }
    }

    static T[] Column<T>(string path) where T : unmanaged
    {
        using var column = new ColumnFile<T>(path);
        return column.Span.ToArray();
    }
}
