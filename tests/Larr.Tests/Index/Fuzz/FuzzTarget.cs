using System.IO.Hashing;
using System.Runtime.InteropServices;
using Larr.Embed;
using Larr.Index;

namespace Larr.Tests.Index;

/// <summary>
/// A small index whose files are damaged and put back, and the questions that its readers are asked. Together the targets have every
/// file of the format: several segments, dead rows, every type of vector, several lists, files of more than one block.
/// </summary>
sealed class FuzzTarget : IDisposable
{
    readonly Dictionary<string, byte[]> _files;
    readonly (string Field, string Value)[] _keys;
    readonly (string Name, Func<Generation, UInt128> Ask)[] _questions;
    readonly UInt128[] _answers;
    readonly int _dimension;
    readonly Generation _whole, _first;

    FuzzTarget(string path, VectorType type, int dimension, params ValueText[][] refreshes)
    {
        (Folder, _dimension) = (Rows.Unflushed(path), dimension);
        var config = new IndexConfig { Type = type, ApproximateFrom = 12, KeepGenerations = 2, CompactDead = 0.9, Canaries = 0 };
        VectorIdentity identity = Rows.Identity with { Dimension = dimension };
        foreach (ValueText[] rows in refreshes) IndexRefresh.Run(config, Folder, identity, rows, texts => [.. texts.Select(t => Rows.Vector(t, dimension))]);
        _files = Rows.Files(path);
        Files = [.. _files.Where(f => f.Value.Length > 0).Select(f => f.Key).Order(StringComparer.Ordinal)];
        _keys = [.. refreshes.SelectMany(r => r).Select(r => (r.Field, r.Value)).Distinct()]; // those of dead rows among them
        float[] queries = [.. Enumerable.Range(0, 3 * dimension).Select(i => 1f + (i % 5) - (i % 3))];
        _questions =
        [
            ("names", live => Names(live)),
            ("ids", live => Ids(live)),
            ("rows", live => AllRows(live)),
            ("search", live => Hits(live.Search(queries, 5, new SearchFilter(), threads: 1))),
            ("filtered search", live => Hits(live.Search(queries.AsSpan(0, dimension), 40, new SearchFilter { Field = "meal", MinPopularity = 3 }, threads: 1))),
            ("search of values", live => Hits(live.Search(queries, 2, new SearchFilter { Field = "meal", Values = ["value 3", "value 6", "no such value"] }, threads: 1))),
            ("approximate search", live => Hits(live.SearchApproximate(queries, 3, threads: 1))),
            ("approximate search of all lists", live => Hits(live.SearchApproximate(queries, 3, probes: int.MaxValue, threads: 1))),
            ("verify", Verify),
        ];
        (_whole, _first) = (Folder.OpenLive(), Folder.Open(1));
        _answers = [.. _questions.Select(q => q.Ask(_whole))];
    }

    public IndexFolder Folder { get; }

    /// <summary>The files that have bytes to damage, by their path within the index.</summary>
    public string[] Files { get; }

    /// <summary>Number of questions.</summary>
    public int Questions => _questions.Length;

    /// <summary>Builds the targets.</summary>
    public static FuzzTarget[] All(string folder)
    {
        ValueText[] few = Rows.Of(18), many = Rows.Of(150);
        ValueText[] changed = Rows.Changed(few[4..], 3, "now it is");
        changed[0] = changed[0] with { Popularity = 77 };
        ValueText[] large = Rows.Of(14);
        large[5] = large[5] with { Text = string.Concat(Enumerable.Repeat("a very long text. ", 3700)) };
        return
        [
            new(Path.Combine(folder, "segments"), VectorType.Float32, 8, few, changed),
            new(Path.Combine(folder, "lists"), VectorType.Int8, 7, many),
            new(Path.Combine(folder, "blocks"), VectorType.Float16, 5, large),
        ];
    }

    /// <summary>The right bytes of a file.</summary>
    public byte[] Whole(string file) => _files[file];

    /// <summary>
    /// Opens the live generation; unless <paramref name="all"/>, with the segments that are open already and not damaged, which saves most of the time.
    /// Those are not damaged files: damage of <paramref name="damaged"/> is met as by any reader.
    /// </summary>
    public Generation Open(string damaged, bool all)
    {
        Generation? lender = all || damaged.StartsWith(IndexFormat.SegmentName(1), StringComparison.Ordinal) ? null : damaged.StartsWith("segment", StringComparison.Ordinal) ? _first : _whole;
        return Folder.OpenLive(Rows.Identity with { Dimension = _dimension }, lender);
    }

    public string Name(int question) => _questions[question].Name;

    /// <summary>Is the answer the one that the whole index gave?</summary>
    public bool IsRight(Generation live, int question) => _questions[question].Ask(live) == _answers[question];

    public void Dispose()
    {
        _whole.Dispose();
        _first.Dispose();
    }

    UInt128 Names(Generation live)
    {
        var hash = new XxHash128();
        foreach ((string field, string value) in _keys)
        {
            if (!live.TryGet(field, value, out int row)) continue;
            if (live.Field(row) != field || live.Value(row) != value) throw new InvalidOperationException($"({field}, {value}) gives the row of another");
            AddRow(live, row, hash);
        }
        return hash.GetCurrentHashAsUInt128();
    }

    UInt128 Ids(Generation live)
    {
        int[] rows = new int[_keys.Length];
        live.Find([.. _keys.Select(k => ContentHash.Of(k.Field, k.Value))], rows);
        float[] vectors = new float[rows.Length * live.Dimension];
        live.Gather(rows, vectors);
        var hash = new XxHash128();
        hash.Append(MemoryMarshal.AsBytes<int>(rows));
        hash.Append(MemoryMarshal.AsBytes<float>(vectors));
        return hash.GetCurrentHashAsUInt128();
    }

    static UInt128 AllRows(Generation live)
    {
        var hash = new XxHash128();
        foreach (int row in live.Rows()) AddRow(live, row, hash);
        return hash.GetCurrentHashAsUInt128();
    }

    static void AddRow(Generation live, int row, XxHash128 hash)
    {
        ValueText said = live.Row(row);
        foreach (string text in (string[])[said.Field, said.Value, said.Text]) hash.Append(MemoryMarshal.AsBytes<char>(text));
        hash.Append(BitConverter.GetBytes(said.Popularity));
        hash.Append(BitConverter.GetBytes(row));
        hash.Append(BitConverter.GetBytes((ulong)live.Hash(row)));
        hash.Append(MemoryMarshal.AsBytes(live.Vector(row)));
    }

    static UInt128 Hits(Hit[][] found)
    {
        var hash = new XxHash128();
        foreach (Hit[] hits in found) hash.Append(MemoryMarshal.AsBytes<Hit>(hits));
        return hash.GetCurrentHashAsUInt128();
    }

    static UInt128 Verify(Generation live)
    {
        double? recall = IndexVerify.Check(live);
        return recall is { } share ? (UInt128)BitConverter.DoubleToUInt64Bits(share) : UInt128.MaxValue;
    }
}
