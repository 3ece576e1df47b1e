using System.Text.Json;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Writes safetensors files as other tools read them.</summary>
public static class SafetensorsWriter
{
    /// <summary>
    /// Writes the tensors in the given order, cast to <paramref name="type"/> (float32, float16 or bfloat16).
    /// Each tensor is made when its turn comes and disposed after.
    /// </summary>
    public static void Write(string file, IReadOnlyList<(string Name, long[] Shape, Func<Tensor> Make)> tensors, ScalarType type)
    {
        string code = type switch
        {
            ScalarType.Float32 => "F32",
            ScalarType.Float16 => "F16",
            ScalarType.BFloat16 => "BF16",
            _ => throw new ArgumentException($"type {type}; expected float32, float16 or bfloat16"),
        };
        using FileStream stream = File.Create(file);
        byte[] header = Header(tensors, type, code);
        stream.Write(BitConverter.GetBytes((ulong)header.Length));
        stream.Write(header);
        foreach ((_, long[] shape, Func<Tensor> make) in tensors)
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            Tensor tensor = make();
            if (!tensor.shape.SequenceEqual(shape)) throw new ArgumentException($"shape [{string.Join(", ", tensor.shape)}]; announced [{string.Join(", ", shape)}]");
            Tensor flat = tensor.detach().contiguous().view(-1);
            for (long begin = 0; begin < flat.size(0); begin += SafetensorsReader.BufferElements)
            {
                using var pieceScope = NewDisposeScope();
                stream.Write(flat.narrow(0, begin, Math.Min(SafetensorsReader.BufferElements, flat.size(0) - begin)).to(CPU).to(type).bytes);
            }
        }
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Writes named tensors in the given order.</summary>
    public static void Write(string file, IEnumerable<(string Name, Tensor Tensor)> tensors, ScalarType type) =>
        Write(file, [.. tensors.Select(t => (t.Name, t.Tensor.shape, (Func<Tensor>)(() => t.Tensor.alias())))], type);

    static byte[] Header(IReadOnlyList<(string Name, long[] Shape, Func<Tensor> Make)> tensors, ScalarType type, string code)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt");
            json.WriteEndObject();
            long offset = 0;
            foreach ((string name, long[] shape, _) in tensors)
            {
                long end = offset + shape.Aggregate((long)SafetensorsHeader.ElementSize(type), (a, b) => checked(a * b));
                json.WriteStartObject(name);
                json.WriteString("dtype", code);
                json.WriteStartArray("shape");
                foreach (long size in shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(end);
                json.WriteEndArray();
                json.WriteEndObject();
                offset = end;
            }
            json.WriteEndObject();
        }
        while (memory.Length % 8 != 0) memory.WriteByte((byte)' ');
        return memory.ToArray();
    }
}
