using Larr.Embed;
using Larr.Runs;

namespace Larr.Index;

/// <summary>
/// A long-lived reader of an index, for any number of threads. A thread borrows the current generation and keeps it whole for as long as it holds it;
/// <see cref="Advance"/> picks up the live one. A generation is closed when it is no longer current and nobody holds it.
/// </summary>
public sealed class IndexReader : IDisposable
{
    readonly IndexFolder _folder;
    readonly VectorIdentity? _expected;
    readonly Lock _turn = new();
    Borrowed _current;
    bool _disposed;

    /// <summary>Opens the live generation.</summary>
    /// <param name="folder">The index.</param>
    /// <param name="expected">What the caller's vectors are made with; null to take any.</param>
    /// <exception cref="InputException">There is none, it is damaged, or it is of another identity.</exception>
    public IndexReader(IndexFolder folder, VectorIdentity? expected = null)
    {
        (_folder, _expected) = (folder, expected);
        _current = new Borrowed(folder.OpenLive(expected));
    }

    /// <summary>Number of the current generation.</summary>
    public int Number => _current.Generation.Number;

    /// <summary>Borrows the current generation until the result is disposed.</summary>
    public GenerationLease Lease()
    {
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _current.Holders++;
            return new GenerationLease(this, _current);
        }
    }

    /// <summary>Makes the live generation the current one. Leases of the one before stay good.</summary>
    /// <returns>True where it is another one than before.</returns>
    /// <exception cref="InputException">The live generation is damaged or of another identity; the current one stays.</exception>
    public bool Advance()
    {
        if (_folder.LiveNumber == Number) return false;
        var next = new Borrowed(_folder.OpenLive(_expected));
        lock (_turn)
        {
            if (_disposed || next.Generation.Number == _current.Generation.Number)
            {
                next.Generation.Dispose();
                return false;
            }
            Borrowed before = _current;
            _current = next;
            Release(before);
            return true;
        }
    }

    /// <summary>Closes the current generation as soon as nobody holds it.</summary>
    public void Dispose()
    {
        lock (_turn)
        {
            if (_disposed) return;
            _disposed = true;
            Release(_current);
        }
    }

    internal void Return(Borrowed borrowed)
    {
        lock (_turn) Release(borrowed);
    }

    static void Release(Borrowed borrowed)
    {
        if (--borrowed.Holders == 0) borrowed.Generation.Dispose();
    }

    /// <summary>A generation and how many hold it; the reader is one while it is current.</summary>
    internal sealed class Borrowed(Generation generation)
    {
        public Generation Generation { get; } = generation;

        public int Holders { get; set; } = 1;
    }
}

/// <summary>A generation that stays open until this is disposed.</summary>
public sealed class GenerationLease : IDisposable
{
    readonly IndexReader _reader;
    IndexReader.Borrowed? _borrowed;

    internal GenerationLease(IndexReader reader, IndexReader.Borrowed borrowed) => (_reader, _borrowed) = (reader, borrowed);

    /// <summary>The generation.</summary>
    public Generation Generation => (_borrowed ?? throw new ObjectDisposedException(nameof(GenerationLease))).Generation;

    /// <summary>Gives it back; once.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _borrowed, null) is { } borrowed) _reader.Return(borrowed);
    }
}
