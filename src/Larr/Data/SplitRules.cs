using Larr.Runs;

namespace Larr.Data;

/// <summary>What a split needs, and its application to the columns just written.</summary>
static class SplitRules
{
    /// <summary>Throws where the split does not fit the fields or its numbers are out of range.</summary>
    public static void Check(string file, DataConfig config)
    {
        SplitConfig split = config.Split;
        bool folds = split.Kind == SplitKind.GroupKFold;
        Share("validation", split.Validation);
        if (!folds) Share("test", split.Test);
        if (!folds && split.Validation + split.Test >= 1)
            throw new InputException(file, "data.split", $"{split.Validation + split.Test} for validation and test together", "less than 1");
        if (folds && split.Folds < 2) throw new InputException(file, "data.split.folds", $"{split.Folds}", "2 or more");
        if (folds && (split.Fold < 0 || split.Fold >= split.Folds))
            throw new InputException(file, "data.split.fold", $"{split.Fold}", $"0 to {split.Folds - 1}");
        FieldRole? need = split.Kind switch
        {
            SplitKind.Time => FieldRole.Time,
            SplitKind.Group or SplitKind.GroupKFold => FieldRole.Group,
            _ => null,
        };
        if (need is { } role && config.Fields.All(f => f.Role != role))
            throw new InputException(file, "data.split.kind", $"{split.Kind}", $"a field with the role {role.ToString().ToLowerInvariant()}");

        void Share(string name, double value)
        {
            if (!(value > 0 && value < 1)) throw new InputException(file, "data.split." + name, $"{value}", "a share between 0 and 1");
        }
    }

    /// <summary>The part of each row.</summary>
    public static Part[] Cut(DataConfig config, int rows, IReadOnlyList<ColumnSink> sinks, string folder)
    {
        SplitConfig split = config.Split;
        if (split.Kind == SplitKind.Random) return SplitCut.Random(rows, split.Validation, split.Test, split.Seed);
        if (split.Kind == SplitKind.Time)
        {
            using var times = new ColumnFile<long>(Path.Combine(folder, "time"));
            return SplitCut.ByTime(times.Span, split.Validation, split.Test);
        }
        ColumnSink group = sinks.First(s => s.Field.Role == FieldRole.Group);
        using var codes = new ColumnFile<int>(Path.Combine(folder, group.Field.Name + ".codes"));
        return split.Kind == SplitKind.Group
            ? SplitCut.ByGroup(codes.Span, group.Cardinality!.Value, split.Validation, split.Test, split.Seed)
            : SplitCut.ByGroupFold(codes.Span, group.Cardinality!.Value, split.Validation, split.Folds, split.Fold, split.Seed);
    }
}
