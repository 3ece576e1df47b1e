using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Larr.Serve;

/// <summary>
/// Scene vectors of a log, each distinct scene computed once: scenes are recognised by a 128-bit hash of their value codes. When it is full it is
/// emptied, so that memory stays bounded however long the log is.
/// </summary>
/// <param name="encoder">Encodes.</param>
/// <param name="most">Most scenes kept; one part more may be added before it is emptied.</param>
sealed class SceneCache(SceneEncoder encoder, int most)
{
    const int BlockScenes = 8192, ChunkScenes = 256, ChunkRows = 4096;
    readonly Dictionary<UInt128, int> _slots = [];
    readonly List<float[]> _blocks = [];
    readonly List<int> _pending = [];

    /// <summary>Scenes encoded so far.</summary>
    public long Encoded { get; private set; }

    /// <summary>The vectors of a part's rows, [rows, dimension], into <paramref name="vectors"/>.</summary>
    public void Fill(LogPart part, int threads, float[] vectors)
    {
        int n = encoder.Fields.Count, d = encoder.Dimension;
        if (_slots.Count >= most) _slots.Clear();
        int known = _slots.Count;
        _pending.Clear();
        int[] slots = new int[part.Rows];
        ReadOnlySpan<int> codes = part.Codes;
        for (int r = 0; r < slots.Length; r++)
        {
            ReadOnlySpan<int> scene = codes.Slice(r * n, n);
            ref int slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_slots, XxHash128.HashToUInt128(MemoryMarshal.AsBytes(scene)), out bool there);
            if (!there)
            {
                slot = _slots.Count - 1;
                _pending.AddRange(scene);
            }
            slots[r] = slot;
        }
        Encode(known, threads);
        Parallel.For(0, (slots.Length + ChunkRows - 1) / ChunkRows, new ParallelOptions { MaxDegreeOfParallelism = threads }, chunk =>
        {
            for (int r = chunk * ChunkRows; r < Math.Min(slots.Length, (chunk + 1) * ChunkRows); r++) Vector(slots[r]).CopyTo(vectors.AsSpan(r * d, d));
        });
    }

    void Encode(int known, int threads)
    {
        int n = encoder.Fields.Count, count = _pending.Count / n;
        while (_blocks.Count * BlockScenes < known + count) _blocks.Add(new float[BlockScenes * encoder.Dimension]);
        Parallel.For(0, (count + ChunkScenes - 1) / ChunkScenes, new ParallelOptions { MaxDegreeOfParallelism = threads }, () => new SceneWorkspace(encoder), (chunk, _, workspace) =>
        {
            ReadOnlySpan<int> codes = CollectionsMarshal.AsSpan(_pending);
            for (int s = chunk * ChunkScenes; s < Math.Min(count, (chunk + 1) * ChunkScenes); s++)
                encoder.Encode(codes.Slice(s * n, n), workspace, Vector(known + s));
            return workspace;
        }, _ => { });
        Encoded += count;
    }

    Span<float> Vector(int slot) => _blocks[slot / BlockScenes].AsSpan(slot % BlockScenes * encoder.Dimension, encoder.Dimension);
}
