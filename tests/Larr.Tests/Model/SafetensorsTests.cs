using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Larr.Model;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Tests.Model;

[Collection("torch")]
public sealed class SafetensorsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Tensors_come_back_with_their_bits(ScalarType type)
    {
        using var scope = NewDisposeScope();
        (string Name, Tensor Tensor)[] tensors = [("b", randn(3, 5).to(type)), ("a", randn(2).to(type)), ("empty", zeros(0, 4, type)), ("scalar", tensor(2.5f).to(type))];
        string file = folder.At("x.safetensors");
        SafetensorsWriter.Write(file, tensors, type);
        using var reader = new SafetensorsReader(file);
        Assert.Equal(["a", "b", "empty", "scalar"], reader.Entries.Keys.Order());
        foreach ((string name, Tensor tensor) in tensors)
        {
            Tensor read = reader.Read(name);
            Assert.Equal(type, read.dtype);
            Assert.Equal(tensor.shape, read.shape);
            Assert.Equal(tensor.bytes.ToArray(), read.bytes.ToArray());
        }
    }

    [Fact]
    public void The_file_is_laid_out_as_the_format_says()
    {
        using var scope = NewDisposeScope();
        string file = folder.At("x.safetensors");
        SafetensorsWriter.Write(file, [("w", tensor([1f, 2f]))], ScalarType.Float32);
        byte[] bytes = File.ReadAllBytes(file);
        int header = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, (8 + header) % 8);
        Assert.Equal("""{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", Encoding.UTF8.GetString(bytes, 8, header).TrimEnd(' '));
        Assert.Equal([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40], bytes[(8 + header)..]);
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        using var scope = NewDisposeScope();
        string file = folder.At("x.safetensors");
        SafetensorsWriter.Write(file, [("w", tensor([1f, 2f])), ("v", tensor([3f]))], ScalarType.Float32);
        byte[] whole = File.ReadAllBytes(file);
        Gen.Int[0, whole.Length - 1].Sample(length =>
        {
            string cut = folder.At($"cut-{length}");
            File.WriteAllBytes(cut, whole[..length]);
            var e = Assert.Throws<InputException>(() => new SafetensorsReader(cut).Dispose());
            Assert.Contains(cut, e.Message);
            Assert.DoesNotContain('\n', e.Message);
        }, iter: 100, threads: 1);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "no holes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "no overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "each name once")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "12 bytes for shape [3]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "size -1")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9000000000000000000,9000000000000000000],"data_offsets":[0,4]}}""", 4, "fits the file")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,9000000000000000000,9000000000000000000],"data_offsets":[0,0]}}""", 0, "fits the file")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,4]}}""", 4, "each name once")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "no holes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999999999999999]}}""", 4, "malformed")]
    [InlineData("""{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", 8, "dtype I64")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "too long")]
    [InlineData("""{"a":7}""", 0, "malformed")]
    [InlineData("""[1]""", 0, "JSON object")]
    public void A_lying_header_is_refused(string header, int dataLength, string says)
    {
        string file = folder.At("x.safetensors");
        byte[] json = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(file, [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. new byte[dataLength]]);
        Assert.Contains(says, Assert.Throws<InputException>(() => new SafetensorsReader(file).Dispose()).Message);
    }

    [Fact]
    public void Changed_bytes_give_a_refusal_or_the_tensors_that_the_file_now_says()
    {
        using var scope = NewDisposeScope();
        string file = folder.At("x.safetensors");
        SafetensorsWriter.Write(file, [("w", randn(3, 2)), ("v", randn(4)), ("e", zeros(0, 2))], ScalarType.Float32);
        byte[] whole = File.ReadAllBytes(file);
        int header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(whole);
        // Most changes go to the header, with bytes that JSON is made of.
        Gen<(int At, byte Value)> inHeader = Gen.Select(Gen.Int[8, header - 1], Gen.OneOf(Gen.Byte, Gen.Char["0123456789-eE.,:[]{}\"\\uvwF \0"].Select(c => (byte)c)));
        Gen<(int At, byte Value)> anywhere = Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte);
        int read = 0, refused = 0;
        Gen.Select(Gen.OneOf(inHeader, inHeader, anywhere).Array[1, 4], Gen.OneOf(Gen.Const(0), Gen.Int[-12, 12])).Sample((changes, longer) =>
        {
            byte[] changed = whole.AsSpan(0, whole.Length + Math.Min(0, longer)).ToArray();
            foreach ((int at, byte value) in changes)
                if (at < changed.Length) changed[at] = value;
            File.WriteAllBytes(file, longer % 3 == 1 ? [.. changed, .. new byte[longer]] : changed);
            try
            {
                using var inner = NewDisposeScope();
                using var reader = new SafetensorsReader(file);
                int start = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(changed);
                foreach (SafetensorsEntry e in reader.Entries.Values)
                {
                    Tensor tensor = reader.Read(e.Name);
                    Assert.Equal(e.Shape, tensor.shape);
                    Assert.Equal(changed[(start + (int)e.Begin)..(start + (int)e.End)], tensor.bytes.ToArray());
                }
                read++;
            }
            catch (InputException e)
            {
                Assert.DoesNotContain('\n', e.Message);
                refused++;
            }
        }, iter: 800, threads: 1);
        Assert.True(read > 0 && refused > 100, $"{read} read, {refused} refused");
    }

    [Fact]
    public void A_tensor_larger_than_the_buffer_is_cast_piece_by_piece()
    {
        using var scope = NewDisposeScope();
        string file = folder.At("x.safetensors");
        Tensor large = arange(SafetensorsReader.BufferElements + 1000, ScalarType.Float32).remainder(251).view(-1, 8);
        SafetensorsWriter.Write(file, [("w", large)], ScalarType.BFloat16);
        using var reader = new SafetensorsReader(file);
        Tensor place = zeros(large.shape);
        reader.ReadInto("w", place);
        Assert.True(place.equal(large).all().item<bool>());
    }

    [Fact]
    public void A_giant_header_length_is_refused_without_reading_it()
    {
        string file = folder.At("x.safetensors");
        File.WriteAllBytes(file, [.. BitConverter.GetBytes(ulong.MaxValue), .. "{}"u8]);
        Assert.Contains("header length", Assert.Throws<InputException>(() => new SafetensorsReader(file).Dispose()).Message);
    }
}
