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

    void Compare(Generation? live)
    {
        int unchanged = 0, changed = 0, popularity = 0;
        ParallelRanges.Run(0, _wanted.Length, Piece, (from, to) =>
        {
            Hash(from, to);
            if (live is null) _found.AsSpan(from..to).Fill(-1);
            else live.Find(_ids.AsSpan(from..to), _found.AsSpan(from..to));
            int same = 0, other = 0, count = 0;
            for (int w = from; w < to; w++)
            {
                _reused[w] = -1;
                if (_found[w] < 0) continue;
                if (live!.Hash(_found[w]) != _hashes[w])
                {
                    other++;
                    continue;
                }
                same++;
                _reused[w] = _found[w];
                if (live.Popularity(_found[w]) != _wanted[w].Popularity) count++;
            }
            Interlocked.Add(ref unchanged, same);
            Interlocked.Add(ref changed, other);
            Interlocked.Add(ref popularity, count);
        });
        RefuseTwice(live);
        Embedded = [.. Enumerable.Range(0, _wanted.Length).Where(w => _reused[w] < 0)];
        Plan = new IndexPlan(unchanged, changed, _wanted.Length - unchanged - changed, Deleted.Count, popularity);
    }

    void Hash(int from, int to)
    {
        for (int w = from; w < to; w++)
        {
            try { (_ids[w], _hashes[w]) = (ContentHash.Of(_wanted[w].Field, _wanted[w].Value), _wanted[w].Hash); }
            catch (EncoderFallbackException)
            {
                throw new InputException($"row {w}", $"({_wanted[w].Field}, {_wanted[w].Value})", "half of a surrogate pair", "strings that UTF-8 can hold");
            }
        }
    }

    /// <summary>Refuses a value that is wanted twice; finds what is not wanted on the way.</summary>
    void RefuseTwice(Generation? live)
    {
        bool[] seen = new bool[live?.Capacity ?? 0];
        var added = new HashSet<UInt128>();
        for (int w = 0; w < _wanted.Length; w++)
        {
            bool first = _found[w] < 0 ? added.Add(_ids[w]) : !seen[_found[w]];
            if (!first) throw new InputException("rows", $"({_wanted[w].Field}, {_wanted[w].Value})", "the same value twice", "each value of a field once");
            if (_found[w] >= 0) seen[_found[w]] = true;
        }
        if (live is not null) Deleted = [.. live.Rows().Where(r => !seen[r])];
    }
}
