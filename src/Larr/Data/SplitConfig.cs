namespace Larr.Data;

/// <summary>What a split keeps apart.</summary>
public enum SplitKind
{
    /// <summary>Past and future: the earliest impressions train, the latest test. Impressions of one time stay together.</summary>
    Time,

    /// <summary>Nothing: every impression falls by itself. Leaks whatever impressions share.</summary>
    Random,

    /// <summary>Groups: all impressions of a group fall into one part.</summary>
    Group,

    /// <summary>Groups, in folds: fold number <see cref="SplitConfig.Fold"/> of <see cref="SplitConfig.Folds"/> is the test part.</summary>
    GroupKFold,
}

/// <summary>How impressions are cut into training, validation and test.</summary>
public sealed record SplitConfig
{
    /// <summary>What is kept apart.</summary>
    public required SplitKind Kind { get; init; }

    /// <summary>Share of the validation part: of all rows (groups), or of what the test fold leaves. Default: 0.1.</summary>
    public double Validation { get; init; } = 0.1;

    /// <summary>Share of the test part of all rows (groups); ignored by <see cref="SplitKind.GroupKFold"/>. Default: 0.2. Training gets the rest.</summary>
    public double Test { get; init; } = 0.2;

    /// <summary>Number of folds of <see cref="SplitKind.GroupKFold"/>.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>The fold that is tested, from 0.</summary>
    public int Fold { get; init; }

    /// <summary>Seed of the cut. It is not the experiment's seed, so that all seeds of a comparison are tested on the same rows.</summary>
    public int Seed { get; init; } = 1;
}
