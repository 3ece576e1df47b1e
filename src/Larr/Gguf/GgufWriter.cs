using System.Runtime.InteropServices;
using System.Text;
using Larr.Runs;

namespace Larr.Gguf;

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name, at most 63 bytes.</param>
/// <param name="Type">How its values are stored: one of <see cref="GgmlEncoding.Types"/>.</param>
/// <param name="Shape">Its sizes, outermost first.</param>
/// <param name="Chunks">Its values in order, in chunks of whole rows; asked for once, when the tensor's turn comes.</param>
public sealed record GgufSource(string Name, GgmlType Type, IReadOnlyList<long> Shape, Func<IEnumerable<float[]>> Chunks);

/// <summary>Writes GGUF files of version 3 tensor by tensor, aside first: under its name a file is whole or absent.</summary>
public static class GgufWriter
{
    const int Alignment = 32;

    /// <summary>Writes metadata and tensors in the given order.</summary>
    /// <param name="file">The file; an earlier one of the name is replaced.</param>
    /// <param name="values">Keys with numbers, booleans, strings, and arrays of these.</param>
    /// <param name="tensors">The tensors.</param>
    /// <exception cref="ArgumentException">A value has no GGUF type, or a tensor gives other than its announced values.</exception>
    public static void Write(string file, IReadOnlyCollection<KeyValuePair<string, object>> values, IReadOnlyList<GgufSource> tensors)
    {
        Disk.Real.Replace(file, aside =>
        {
            using FileStream stream = File.Create(aside);
            WriteHeader(stream, values, tensors);
            foreach (GgufSource tensor in tensors)
            {
                Pad(stream);
                WriteTensor(stream, tensor);
            }
        });
    }

    static void WriteHeader(FileStream stream, IReadOnlyCollection<KeyValuePair<string, object>> values, IReadOnlyList<GgufSource> tensors)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)values.Count);
        foreach ((string key, object value) in values)
        {
            WriteText(writer, key);
            WriteValue(writer, value);
        }
        long offset = 0;
        foreach (GgufSource tensor in tensors)
        {
            WriteText(writer, tensor.Name);
            writer.Write((uint)tensor.Shape.Count);
            foreach (long size in tensor.Shape.Reverse()) writer.Write((ulong)size);
            writer.Write((uint)tensor.Type);
            writer.Write((ulong)offset);
            offset = GgufHeader.Align(offset + Bytes(tensor), Alignment);
        }
        writer.Flush();
        Pad(stream);
    }

    static void WriteValue(BinaryWriter writer, object value)
    {
        if (value is Array array)
        {
            var type = GgufTypes.Of(array.GetType().GetElementType()!);
            writer.Write((uint)GgufType.Array);
            writer.Write((uint)type);
            writer.Write((ulong)array.Length);
            WriteItems(writer, type, array);
            return;
        }
        GgufType single = GgufTypes.Of(value.GetType());
        writer.Write((uint)single);
        if (value is string text)
        {
            WriteText(writer, text);
            return;
        }
        Array one = single.NewArray(1);
        one.SetValue(value, 0);
        WriteItems(writer, single, one);
    }

    static void WriteItems(BinaryWriter writer, GgufType type, Array items)
    {
        if (items is string[] texts)
            foreach (string text in texts) WriteText(writer, text);
        else
            writer.Write(MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(items), items.Length * type.LeastBytes()));
    }

    static void WriteText(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    static void WriteTensor(FileStream stream, GgufSource tensor)
    {
        long written = 0, announced = Bytes(tensor);
        (int values, int bytes) = tensor.Type.Block()!.Value;
        byte[] buffer = [];
        foreach (float[] chunk in tensor.Chunks())
        {
            int length = checked(chunk.Length / values * bytes);
            if (buffer.Length < length) buffer = new byte[length];
            GgmlEncoding.Encode(tensor.Type, chunk, buffer.AsSpan(0, length));
            stream.Write(buffer, 0, length);
            written += length;
        }
        if (written != announced) throw new ArgumentException($"tensor {tensor.Name} gave {written} bytes; announced {announced}");
    }

    static long Bytes(GgufSource tensor) => tensor.Type.Bytes(tensor.Shape)
        ?? throw new ArgumentException($"tensor {tensor.Name}: shape [{string.Join(", ", tensor.Shape)}] has no whole {tensor.Type} blocks");

    static void Pad(FileStream stream)
    {
        ReadOnlySpan<byte> zeros = stackalloc byte[Alignment];
        stream.Write(zeros[..(int)(GgufHeader.Align(stream.Position, Alignment) - stream.Position)]);
    }
}
