namespace Larr.Model;

/// <summary>A linear map of the decoder that can get a low-rank change.</summary>
public enum LowRankTarget
{
    /// <summary>Input map of the queries.</summary>
    Query,

    /// <summary>Input map of the keys.</summary>
    Key,

    /// <summary>Input map of the values.</summary>
    Value,

    /// <summary>Output map of attention.</summary>
    Output,

    /// <summary>Gate of the feed-forward block.</summary>
    Gate,

    /// <summary>Input map of the feed-forward block.</summary>
    Up,

    /// <summary>Output map of the feed-forward block.</summary>
    Down,
}
