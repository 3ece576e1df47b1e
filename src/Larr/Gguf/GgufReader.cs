using Larr.Runs;
using Microsoft.Win32.SafeHandles;

namespace Larr.Gguf;

/// <summary>
/// Reads a GGUF file (<see href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the format</see>): metadata at once, tensors one at a time
/// when they are asked for. May be used from several threads.
/// </summary>
public sealed class GgufReader : IDisposable
{
    const int ChunkBytes = 1 << 20;

    readonly SafeFileHandle _handle;
    readonly string _file;
    readonly long _dataStart;
    readonly Dictionary<string, GgufTensor> _tensors;

    /// <summary>Opens a file and verifies its header.</summary>
    /// <exception cref="InputException">The file is missing, cut off or malformed, or holds a tensor type that is not known.</exception>
    public GgufReader(string file)
    {
        _file = file;
        if (!File.Exists(file)) throw new InputException(file, "file not found");
        using (FileStream stream = File.OpenRead(file))
        {
            (Values, List<GgufTensor> tensors, _dataStart) = GgufHeader.Read(stream, file);
            _tensors = tensors.ToDictionary(t => t.Name);
        }
        _handle = File.OpenHandle(file);
    }

    /// <summary>The metadata.</summary>
    public GgufValues Values { get; }

    /// <summary>The tensors by name, in the order of the file.</summary>
    public IReadOnlyDictionary<string, GgufTensor> Tensors => _tensors;

    /// <summary>The values of a tensor.</summary>
    /// <exception cref="InputException">There is no such tensor, or its type cannot be decoded here.</exception>
    public float[] Read(string name)
    {
        float[] values = new float[Find(name).Values];
        Read(name, values);
        return values;
    }

    /// <summary>Reads the values of a tensor, row by row, into as many floats.</summary>
    /// <exception cref="InputException">There is no such tensor, or its type cannot be decoded here.</exception>
    public void Read(string name, Span<float> values)
    {
        GgufTensor tensor = Find(name);
        if (values.Length != tensor.Values) throw new ArgumentException($"{values.Length} places for {tensor.Values} values", nameof(values));
        if (!GgmlEncoding.Types.Contains(tensor.Type)) throw new InputException(_file, name, $"type {tensor.Type}", string.Join(", ", GgmlEncoding.Types));
        (int blockValues, int blockBytes) = tensor.Type.Block()!.Value;
        byte[] chunk = new byte[Math.Min(tensor.Bytes, ChunkBytes / blockBytes * blockBytes)];
        long offset = _dataStart + tensor.Offset;
        while (values.Length > 0)
        {
            int count = Math.Min(values.Length, chunk.Length / blockBytes * blockValues);
            Span<byte> bytes = chunk.AsSpan(0, count / blockValues * blockBytes);
            Fill(bytes, offset, name);
            GgmlEncoding.Decode(tensor.Type, bytes, values[..count]);
            values = values[count..];
            offset += bytes.Length;
        }
    }

    GgufTensor Find(string name) => _tensors.TryGetValue(name, out GgufTensor? tensor) ? tensor : throw new InputException(_file, $"tensor {name} is missing");

    void Fill(Span<byte> bytes, long offset, string name)
    {
        while (bytes.Length > 0)
        {
            int read = RandomAccess.Read(_handle, bytes, offset);
            if (read == 0) throw new InputException(_file, name, "the end of the file", "a file that is not changed while it is read");
            bytes = bytes[read..];
            offset += read;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
