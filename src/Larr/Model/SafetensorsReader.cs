using System.Runtime.InteropServices;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Reads tensors of a safetensors file one at a time.</summary>
public sealed class SafetensorsReader : IDisposable
{
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
        if (!entries.TryGetValue(name, out SafetensorsEntry? entry)) throw new InputException(file, $"tensor {name} is missing");
        Tensor tensor = empty(entry.Shape, entry.Type);
        stream.Position = dataStart + entry.Begin;
        if (entry.End > entry.Begin) stream.ReadExactly(tensor.bytes);
        return tensor;
    }

    /// <summary>A float32 tensor as a plain array, without touching the tensor library's native code.</summary>
    /// <exception cref="InputException">The file has no such tensor, or it is of another type.</exception>
    public float[] ReadFloats(string name)
    {
        if (!entries.TryGetValue(name, out SafetensorsEntry? entry)) throw new InputException(file, $"tensor {name} is missing");
        if (entry.Type != ScalarType.Float32) throw new InputException(file, name, $"type {entry.Type}", "F32");
        float[] values = new float[(entry.End - entry.Begin) / sizeof(float)];
        stream.Position = dataStart + entry.Begin;
        stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
