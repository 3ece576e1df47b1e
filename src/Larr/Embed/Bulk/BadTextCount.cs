using Larr.Runs;

namespace Larr.Embed.Bulk;

/// <summary>Refuses or counts rows without a vector.</summary>
/// <param name="source">Name of the source, for messages.</param>
/// <param name="bad">What to do.</param>
sealed class BadTextCount(string source, BadText bad)
{
    /// <summary>Rows that were empty or null.</summary>
    public long Empty { get; private set; }

    /// <summary>Rows that are no UTF-8.</summary>
    public long NotUtf8 { get; private set; }

    /// <summary>An empty row.</summary>
    public void AddEmpty(long row)
    {
        if (bad == BadText.Refuse) throw new InputException(source, $"row {row}", "an empty value", "a text, or --bad count");
        Empty++;
    }

    /// <summary>A row whose bytes are no UTF-8.</summary>
    public void AddNotUtf8(long row)
    {
        if (bad == BadText.Refuse) throw new InputException(source, $"row {row}", "bytes that are no UTF-8", "UTF-8, or --bad count");
        NotUtf8++;
    }
}
