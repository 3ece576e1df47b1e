using System.Text;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Index;

/// <summary>
/// The wanted rows beside those of a generation: which vectors can be reused, which texts must be embedded, which rows go. It is all
/// that a refresh needs to know, whatever keeps the rows.
/// </summary>
public sealed class IndexComparison
{
    const int Piece = 4096;

    readonly ValueText[] _wanted;
    readonly UInt128[] _ids, _hashes;
    readonly int[] _found, _reused;

    IndexComparison(ValueText[] wanted)
    {
        _wanted = wanted;
        (_ids, _hashes) = (new UInt128[wanted.Length], new UInt128[wanted.Length]);
        (_found, _reused) = (new int[wanted.Length], new int[wanted.Length]);
    }

    /// <summary>Compares the wanted rows, in any order, with a generation (null: there is none yet).</summary>
    /// <exception cref="InputException">A row is there twice, or holds half of a surrogate pair.</exception>
    public static IndexComparison Of(IReadOnlyList<ValueText> wanted, Generation? live)
    {
        var comparison = new IndexComparison(wanted as ValueText[] ?? [.. wanted]);
        comparison.Compare(live);
        return comparison;
    }

    /// <summary>The counts.</summary>
    public IndexPlan Plan { get; private set; } = new(0, 0, 0, 0, 0);

    /// <summary>All wanted rows.</summary>
    public IReadOnlyList<ValueText> Wanted => _wanted;

    /// <summary>Content hash of field and value of each wanted row.</summary>
    public ReadOnlyMemory<UInt128> Ids => _ids;

    /// <summary>Content hash of field and text of each wanted row.</summary>
    public ReadOnlyMemory<UInt128> Hashes => _hashes;

    /// <summary>For each wanted row the generation's row whose vector it takes, or −1 where it must be embedded.</summary>
    public ReadOnlyMemory<int> Reused => _reused;

    /// <summary>Rows of the generation that are no longer wanted.</summary>
    public IReadOnlyList<int> Deleted { get; private set; } = [];

    /// <summary>Places of the wanted rows that must be embedded, ascending.</summary>
    public IReadOnlyList<int> Embedded { get; private set; } = [];

    /// <summary>Places of the wanted rows whose vector is reused and whose popularity is another, ascending.</summary>
    public IReadOnlyList<int> Recounted { get; private set; } = [];

    /// <summary>Rows of the generation that are no longer part of the next: deleted, or of a value whose text changed.</summary>
    public IEnumerable<int> Leaving => Deleted.Concat(Embedded.Where(w => _found[w] >= 0).Select(w => _found[w]));

    void Compare(Generation? live)
    {
        int pieces = (_wanted.Length + Piece - 1) / Piece, unchanged = 0;
        live?.CheckLookup();
        (List<int>[] embedded, List<int>[] popularity) = (new List<int>[pieces], new List<int>[pieces]);
        ParallelRanges.Run(0, _wanted.Length, Piece, (from, to) =>
        {
            (List<int> anew, List<int> recounted) = (embedded[from / Piece], popularity[from / Piece]) = ([], []);
            Hash(from, to);
            _found.AsSpan(from..to).Fill(-1);
            var hashes = new UInt128[to - from];
            long[] counts = new long[to - from];
            live?.Find(_ids.AsSpan(from..to), _found.AsSpan(from..to));
            live?.Payload(_found.AsSpan(from..to), hashes, counts);
            int same = 0;
            for (int w = from; w < to; w++)
            {
                bool reused = _found[w] >= 0 && hashes[w - from] == _hashes[w];
                _reused[w] = reused ? _found[w] : -1;
                if (!reused) anew.Add(w);
                else
                {
                    same++;
                    if (counts[w - from] != _wanted[w].Popularity) recounted.Add(w);
                }
            }
            Interlocked.Add(ref unchanged, same);
        });
        Embedded = [.. embedded.SelectMany(e => e)];
        Recounted = [.. popularity.SelectMany(p => p)];
        RefuseTwice(live);
        int changed = Embedded.Count(w => _found[w] >= 0);
        Plan = new IndexPlan(unchanged, changed, Embedded.Count - changed, Deleted.Count, Recounted.Count);
    }

    void Hash(int from, int to)
    {
        var hasher = new ContentHash.Hasher();
        for (int w = from; w < to; w++)
        {
            ValueText row = _wanted[w];
            try { (_ids[w], _hashes[w]) = (hasher.Of(row.Field, row.Value), hasher.Of(row.Field, row.Text)); }
            catch (EncoderFallbackException)
            {
                throw new InputException($"row {w}", $"({row.Field}, {row.Value})", "half of a surrogate pair", "strings that UTF-8 can hold");
            }
        }
    }

    /// <summary>Refuses a value that is wanted twice; finds what is not wanted on the way.</summary>
    void RefuseTwice(Generation? live)
    {
        var added = new HashSet<UInt128>();
        foreach (int w in Embedded)
            if (_found[w] < 0 && !added.Add(_ids[w])) throw Twice(w);
        if (live is null) return;

        bool[] seen = new bool[live.Capacity];
        for (int w = 0; w < _found.Length; w++)
        {
            if (_found[w] < 0) continue;
            if (seen[_found[w]]) throw Twice(w);
            seen[_found[w]] = true;
        }
        var deleted = new List<int>();
        for (int s = 0; s < live.Segments.Count; s++)
        {
            ReadOnlySpan<ulong> dead = live.DeadWords(s);
            ReadOnlySpan<bool> own = seen.AsSpan(live.FirstRow(s), live.Segments[s].Count);
            for (int row = own.IndexOf(false); row >= 0 && row < own.Length; row++)
                if (!own[row] && (dead[row >> 6] >> (row & 63) & 1) == 0) deleted.Add(live.FirstRow(s) + row);
        }
        Deleted = deleted;
    }

    InputException Twice(int w) => new("rows", $"({_wanted[w].Field}, {_wanted[w].Value})", "the same value twice", "each value of a field once");
}
