using System.Runtime.InteropServices;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Reads tensors of a safetensors file one at a time.</summary>
public sealed class SafetensorsReader : IDisposable
{
    /// <summary>Elements that are read or written at once.</summary>
    internal const long BufferElements = 1 << 22;

    readonly FileStream stream;
    readonly Dictionary<string, SafetensorsEntry> entries;
    readonly long dataStart;
    readonly string file;

    /// <summary>Opens a file and verifies its header.</summary>
    /// <exception cref="InputException">The file is missing, cut off, malformed, or holds a type other than F32, F16, BF16.</exception>
    public SafetensorsReader(string file)
    {
        this.file = file;
        if (!File.Exists(file)) throw new InputException(file, "file not found");
        stream = File.OpenRead(file);
        try
        {
            (List<SafetensorsEntry> list, dataStart) = SafetensorsHeader.Read(stream, file);
            entries = list.ToDictionary(e => e.Name);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The tensors of the file by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => entries;

    /// <summary>A tensor in the file's own type; it belongs to the caller's scope.</summary>
    /// <exception cref="InputException">The file has no such tensor.</exception>
    public Tensor Read(string name)
    {
        SafetensorsEntry entry = Entry(name);
        Tensor tensor = empty(entry.Shape, entry.Type);
        ReadInto(name, tensor);
        return tensor;
    }

    /// <summary>A float32 tensor as a plain array, without touching the tensor library's native code.</summary>
    /// <exception cref="InputException">The file has no such tensor, or it is of another type.</exception>
    public float[] ReadFloats(string name)
    {
        SafetensorsEntry entry = Entry(name);
        if (entry.Type != ScalarType.Float32) throw new InputException(file, name, $"type {entry.Type}", "F32");
        float[] values = new float[(entry.End - entry.Begin) / sizeof(float)];
        stream.Position = dataStart + entry.Begin;
        stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>
    /// Reads a tensor to its place, cast to the place's type, through a buffer of at most <see cref="BufferElements"/> elements.
    /// </summary>
    /// <param name="name">Name in the file.</param>
    /// <param name="place">A contiguous tensor of the same shape on the processor.</param>
    /// <exception cref="InputException">The file has no such tensor, or is cut off meanwhile.</exception>
    public void ReadInto(string name, Tensor place)
    {
        SafetensorsEntry entry = Entry(name);
        if (!place.shape.SequenceEqual(entry.Shape)) throw new ArgumentException($"shape [{string.Join(", ", place.shape)}]; the file's is [{string.Join(", ", entry.Shape)}]", nameof(place));
        using var scope = NewDisposeScope();
        Tensor flat = place.view(-1);
        Tensor? buffer = place.dtype == entry.Type ? null : empty(Math.Min(BufferElements, flat.size(0)), entry.Type);
        stream.Position = dataStart + entry.Begin;
        try
        {
            for (long begin = 0; begin < flat.size(0); begin += BufferElements)
            {
                using var pieceScope = NewDisposeScope();
                Tensor piece = flat.narrow(0, begin, Math.Min(BufferElements, flat.size(0) - begin));
                Tensor read = buffer?.narrow(0, 0, piece.size(0)) ?? piece;
                stream.ReadExactly(read.bytes);
                if (buffer is not null) piece.copy_(read);
            }
        }
        catch (EndOfStreamException)
        {
            throw new InputException(file, $"tensor {name} is cut off");
        }
    }

    SafetensorsEntry Entry(string name) => entries.TryGetValue(name, out SafetensorsEntry? entry) ? entry : throw new InputException(file, $"tensor {name} is missing");

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
