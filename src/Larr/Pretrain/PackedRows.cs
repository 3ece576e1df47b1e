namespace Larr.Pretrain;

/// <summary>
/// Documents packed into rows of one length: best fit, longest first, so that no document is cut that fits a row and little is
/// padded (arXiv 2404.10830). A document is followed by the end token; one longer than a row is cut into pieces.
/// </summary>
public sealed class PackedRows
{
    /// <summary>Document number of padding.</summary>
    public const int Padding = -1;

    /// <summary>Packs documents given as token ids without the end token.</summary>
    /// <param name="documents">Token ids of each document.</param>
    /// <param name="length">T, tokens in a row.</param>
    /// <param name="endId">Id of the end token, which also fills the padding.</param>
    public PackedRows(IEnumerable<int[]> documents, int length, int endId)
    {
        if (length < 2) throw new ArgumentException($"rows of {length} tokens; expected at least 2");
        Length = length;
        int[][] whole = [.. documents.Where(d => d.Length > 0)];
        CutDocuments = whole.Count(d => d.Length >= length);
        List<int[]> pieces = [.. whole.SelectMany(d => ((int[])[.. d, endId]).Chunk(length)).Where(p => p.Length > 1)];
        List<List<int>> rows = Fit(pieces, length);
        Count = rows.Count;
        Ids = new int[(long)Count * length];
        Documents = new int[(long)Count * length];
        Array.Fill(Ids, endId);
        Array.Fill(Documents, Padding);
        for (int r = 0; r < Count; r++)
        {
            int at = r * length;
            foreach (int piece in rows[r])
            {
                pieces[piece].CopyTo(Ids, at);
                Array.Fill(Documents, piece, at, pieces[piece].Length);
                at += pieces[piece].Length;
                Tokens += pieces[piece].Length;
            }
        }
    }

    /// <summary>T, tokens in a row.</summary>
    public int Length { get; }

    /// <summary>Documents longer than a row, cut into pieces.</summary>
    public int CutDocuments { get; }

    /// <summary>Number of rows.</summary>
    public int Count { get; }

    /// <summary>Tokens that are not padding.</summary>
    public long Tokens { get; }

    /// <summary>Token ids, row after row.</summary>
    public int[] Ids { get; }

    /// <summary>Number of the document each token belongs to, <see cref="Padding"/> for padding.</summary>
    public int[] Documents { get; }

    /// <summary>Pieces of each row.</summary>
    static List<List<int>> Fit(List<int[]> pieces, int length)
    {
        List<List<int>> rows = [];
        var open = new Stack<int>[length + 1]; // rows by room left
        for (int room = 0; room <= length; room++) open[room] = [];
        foreach (int piece in Enumerable.Range(0, pieces.Count).OrderByDescending(p => pieces[p].Length))
        {
            int size = pieces[piece].Length, room = size;
            while (room < length && open[room].Count == 0) room++;
            if (open[room].Count == 0)
            {
                open[length].Push(rows.Count);
                rows.Add([]);
                room = length;
            }
            int row = open[room].Pop();
            rows[row].Add(piece);
            open[room - size].Push(row);
        }
        return rows;
    }
}
