namespace Larr.Embed.Packed;

/// <summary>Attention of one text over its own path.</summary>
interface IAttention : IDisposable
{
    /// <summary>Attends from the last <paramref name="queries"/> tokens of a text.</summary>
    /// <param name="q">Queries, turned and scaled; the text's stand from <paramref name="firstQuery"/> on.</param>
    /// <param name="k">Keys of all rows, turned.</param>
    /// <param name="v">Values of all rows.</param>
    /// <param name="path">Rows of the text's tokens.</param>
    /// <param name="firstQuery">Row of the first query in q and y.</param>
    /// <param name="queries">Number of query tokens.</param>
    /// <param name="y">Receives the attended values, head beside head.</param>
    void Attend(Rows<Float32Element> q, Rows<Float32Element> k, Rows<Float32Element> v, ReadOnlySpan<int> path, int firstQuery, int queries, Rows<Float32Element> y);
}
