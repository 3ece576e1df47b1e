namespace Larr.Index;

/// <summary>How an index is kept.</summary>
public sealed record IndexConfig
{
    /// <summary>Generations that stay on disk, the live one among them, for rollback. Default: 3.</summary>
    public int KeepGenerations { get; init; } = 3;

    /// <summary>Unchanged texts that a refresh embeds again to see that the model still gives the vectors it gave. Default: 4; 0 for none.</summary>
    public int Canaries { get; init; } = 4;
}
