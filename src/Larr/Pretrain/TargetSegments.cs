namespace Larr.Pretrain;

/// <summary>
/// Which tokens are to be predicted. A target token opens a target segment, which the next segment token of another kind ends;
/// the end token after a target segment is part of it.
/// </summary>
/// <param name="targets">Ids of the tokens that open target segments; null: every token is predicted.</param>
/// <param name="segments">Ids of all tokens that open a segment.</param>
public sealed class TargetSegments(IReadOnlySet<int>? targets, IReadOnlySet<int> segments)
{
    /// <summary>Ignored by the loss.</summary>
    public const long Ignored = -100;

    /// <summary>The next token at each place of a row, or <see cref="Ignored"/> at the end of a document, in padding, and outside target segments.</summary>
    public void Next(ReadOnlySpan<int> ids, ReadOnlySpan<int> documents, Span<long> next)
    {
        bool inside = false;
        for (int t = 0; t < ids.Length; t++)
        {
            bool begins = t == 0 || documents[t] != documents[t - 1];
            if (begins) inside = false;
            if (targets is not null && segments.Contains(ids[t])) inside = targets.Contains(ids[t]);
            bool follows = t + 1 < ids.Length && documents[t + 1] == documents[t] && documents[t] != PackedRows.Padding;
            bool wanted = targets is null || (inside && follows && (!segments.Contains(ids[t + 1]) || targets.Contains(ids[t + 1])));
            next[t] = follows && wanted ? ids[t + 1] : Ignored;
        }
    }
}
