namespace Larr.Data;

/// <summary>Where the negatives of a log that knows positives alone come from.</summary>
public enum NegativeKind
{
    /// <summary>Another item, each as likely as the other, that the user never took.</summary>
    Uniform,

    /// <summary>Another item, as likely as it is frequent in the log, that the user never took.</summary>
    Popularity,

    /// <summary>The same user and item in another of the user's contexts, in which the item was not taken.</summary>
    ContextSwap,

    /// <summary>Another of the user's own items, each as likely as the other, that was not taken in the same context.</summary>
    OwnHistory,
}

/// <summary>
/// Negatives for a log of positives. The view has no label column; each of its rows is a positive, followed in the table by its sampled negatives. A context
/// is a row's scene and domain fields together, and the features of the scene (<see cref="FieldConfig.OfScene"/>). Under a split by time or groups a part's negatives are drawn
/// from what it and the parts before it know, and share the part of their positive. Under a random split they are drawn from the whole log and dealt out by themselves, as in published splits.
/// </summary>
public sealed record NegativeConfig
{
    /// <summary>Where they come from.</summary>
    public required NegativeKind Kind { get; init; }

    /// <summary>Negatives per positive.</summary>
    public int PerPositive { get; init; } = 2;

    /// <summary>Seed of the draw. It is not the experiment's seed, so that all seeds of a comparison see the same rows.</summary>
    public int Seed { get; init; } = 1;
}
