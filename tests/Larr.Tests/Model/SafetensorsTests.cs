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
    public void A_giant_header_length_is_refused_without_reading_it()
    {
        string file = folder.At("x.safetensors");
        File.WriteAllBytes(file, [.. BitConverter.GetBytes(ulong.MaxValue), .. "{}"u8]);
        Assert.Contains("header length", Assert.Throws<InputException>(() => new SafetensorsReader(file).Dispose()).Message);
    }
}
