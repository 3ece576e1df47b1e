namespace Larr.Tokens;

/// <summary>
/// The merges of a SentencePiece vocabulary, which has scores in their place: every two pieces that together are a piece merge, the
/// higher its score the earlier.
/// </summary>
static class PieceMerges
{
    /// <summary>Merges by rank.</summary>
    /// <param name="pieces">Pieces and scores, in the order of their ids.</param>
    /// <param name="whole">Pieces that are never made by merging.</param>
    public static IReadOnlyList<(string Left, string Right)> Of(IReadOnlyList<(string Text, float Score)> pieces, IReadOnlySet<string> whole)
    {
        Dictionary<string, int> ids = [];
        for (int id = 0; id < pieces.Count; id++)
            if (!whole.Contains(pieces[id].Text) && !IsByte(pieces[id].Text)) ids.TryAdd(pieces[id].Text, id);
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> bySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        List<(float Score, int Left, int Right)> merges = [];
        foreach ((string piece, int id) in ids)
            for (int cut = 1; cut < piece.Length; cut++)
                if (bySpan.TryGetValue(piece.AsSpan(0, cut), out int left) && bySpan.TryGetValue(piece.AsSpan(cut), out int right))
                    merges.Add((pieces[id].Score, left, right));
        return [.. merges.OrderByDescending(m => m.Score).ThenBy(m => m.Left).ThenBy(m => m.Right).Select(m => (pieces[m.Left].Text, pieces[m.Right].Text))];
    }

    static bool IsByte(string piece) => piece.Length == 6 && piece.StartsWith("<0x", StringComparison.Ordinal) && piece[^1] == '>';
}
