namespace Larr.Embed.Packed;

/// <summary>
/// Texts laid end to end without padding, each shared beginning once. Attention is causal, so that a token's states depend on what stands
/// before it alone: texts that begin alike have the same states there, and only their own rests are added. Sorted texts share the most.
/// </summary>
/// <param name="shares">False: every text has all rows to itself, for engines that cannot share.</param>
sealed class TokenForest(bool shares = true)
{
    readonly List<int> _ids = [], _positions = [];
    readonly List<int[]> _paths = [];
    readonly List<int> _own = [];
    int[] _last = [];

    /// <summary>Token id of each row.</summary>
    public IReadOnlyList<int> Ids => _ids;

    /// <summary>Position of each row in its texts.</summary>
    public IReadOnlyList<int> Positions => _positions;

    /// <summary>Rows that the model computes.</summary>
    public int Rows => _ids.Count;

    /// <summary>Number of texts.</summary>
    public int Texts => _paths.Count;

    /// <summary>The rows of a text's tokens, in order.</summary>
    public int[] Path(int text) => _paths[text];

    /// <summary>How many rows at the end of the path are the text's own; the others belong to texts before it.</summary>
    public int Own(int text) => _own[text];

    /// <summary>Rows that <see cref="Add"/> would add.</summary>
    public int RowsFor(int[] text) => shares ? text.Length - text.AsSpan().CommonPrefixLength(_last) : text.Length;

    /// <summary>Adds a text, which shares what it has in common with the text before.</summary>
    public void Add(int[] text)
    {
        int shared = text.Length - RowsFor(text);
        int[] path = new int[text.Length];
        if (shared > 0) _paths[^1].AsSpan(0, shared).CopyTo(path);
        for (int t = shared; t < text.Length; t++)
        {
            path[t] = _ids.Count;
            _ids.Add(text[t]);
            _positions.Add(t);
        }
        _paths.Add(path);
        _own.Add(text.Length - shared);
        _last = text;
    }
}
