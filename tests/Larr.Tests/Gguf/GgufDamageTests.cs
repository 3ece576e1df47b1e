using System.Text;
using CsCheck;
using Larr.Gguf;
using Larr.Runs;

namespace Larr.Tests.Gguf;

/// <summary>A damaged or lying file is one line of complaint, whatever its bytes.</summary>
public sealed class GgufDamageTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        byte[] whole = Whole();
        Gen.Int[0, whole.Length - 1].Sample(length => Assert.Contains("found", Refused(whole[..length])), iter: 200, threads: 1);
    }

    [Fact]
    public void A_file_with_any_bytes_changed_is_read_or_refused_in_one_line()
    {
        byte[] whole = Whole();
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[1, 4].Sample(changes =>
        {
            byte[] changed = [.. whole];
            foreach ((int at, byte value) in changes) changed[at] = value;
            string file = _folder.At("changed.gguf");
            File.WriteAllBytes(file, changed);
            try
            {
                using var reader = new GgufReader(file);
                foreach (string name in reader.Tensors.Keys.Where(n => GgmlEncoding.Types.Contains(reader.Tensors[n].Type))) reader.Read(name);
            }
            catch (InputException e)
            {
                Assert.Contains(file, e.Message);
                Assert.DoesNotContain("\n", e.Message);
            }
        }, iter: 2000, threads: 1);
    }

    [Theory]
    [InlineData("magic", "magic")]
    [InlineData("version", "version: found 1")]
    [InlineData("tensors", "number of tensors: found a count of 18446744073709551615")]
    [InlineData("keys", "number of metadata keys: found a count of")]
    [InlineData("length", "metadata key 0: found a count of")]
    [InlineData("type", "k: found type 99")]
    [InlineData("nested", "k: found type 9")]
    [InlineData("array", "k: found a count of 1152921504606846976")]
    [InlineData("flag", "booleans of 0 or 1")]
    [InlineData("utf8", "no UTF-8")]
    [InlineData("twice", "k a second time")]
    [InlineData("alignment", "general.alignment: found 24; expected a power of two")]
    public void A_lying_header_is_refused(string lie, string says)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        writer.Write(lie == "magic" ? "GGML"u8 : "GGUF"u8);
        writer.Write(lie == "version" ? 1u : 3u);
        writer.Write(lie == "tensors" ? ulong.MaxValue : 0);
        writer.Write(lie == "keys" ? 1ul << 60 : lie == "twice" ? 2ul : 1);
        writer.Write(lie == "length" ? 1ul << 62 : lie == "alignment" ? 17ul : 1);
        writer.Write(lie == "alignment" ? "general.alignment"u8 : "k"u8);
        switch (lie)
        {
            case "type": writer.Write(99u); break;
            case "nested": writer.Write(9u); writer.Write(9u); break;
            case "array": writer.Write(9u); writer.Write(4u); writer.Write(1ul << 60); break;
            case "flag": writer.Write(7u); writer.Write((byte)2); break;
            case "utf8": writer.Write(8u); writer.Write(1ul); writer.Write((byte)0xff); break;
            default: writer.Write(4u); writer.Write(24u); break;
        }
        if (lie == "twice")
        {
            writer.Write(1ul);
            writer.Write("k"u8);
            writer.Write(4u);
            writer.Write(1u);
        }
        writer.Write(new byte[64]);
        writer.Flush();
        Assert.Contains(says, Refused(memory.ToArray()));
    }

    [Theory]
    [InlineData("a", 2, 0, "b", 2, 32, 40, "")]
    [InlineData("a", 2, 0, "b", 2, 64, 72, "b: found offset 64; expected 32: no holes and no overlaps")]
    [InlineData("a", 2, 0, "b", 2, 0, 40, "b: found offset 0; expected 32: no holes and no overlaps")]
    [InlineData("a", 2, 0, "a", 2, 32, 40, "a a second time")]
    [InlineData("a", 2, 0, "b", 3, 32, 40, "b: found 12 bytes")]
    [InlineData("a", 2, 0, "b", 2, 32, 128, "the file is too long")]
    [InlineData("a", long.MaxValue, 0, "b", 2, 32, 40, "rows of whole F32 blocks (1 values) that fit the file")]
    [InlineData("a", -1, 0, "b", 2, 32, 40, "size 18446744073709551615")]
    public void Tensors_that_do_not_lie_end_to_end_are_refused(string first, long firstSize, long firstOffset, string second, long secondSize, long secondOffset, int data, string says)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write(2ul);
        writer.Write(0ul);
        foreach ((string name, long size, long offset) in new[] { (first, firstSize, firstOffset), (second, secondSize, secondOffset) })
        {
            writer.Write((ulong)name.Length);
            writer.Write(Encoding.UTF8.GetBytes(name));
            writer.Write(1u);
            writer.Write(size);
            writer.Write(0u);
            writer.Write(offset);
        }
        writer.Write(new byte[(32 - memory.Length % 32) % 32 + data]);
        writer.Flush();
        if (says.Length > 0) Assert.Contains(says, Refused(memory.ToArray()));
        else
        {
            File.WriteAllBytes(_folder.At("good.gguf"), memory.ToArray());
            using var reader = new GgufReader(_folder.At("good.gguf"));
            Assert.Equal([0f, 0], reader.Read("b"));
        }
    }

    [Fact]
    public void A_missing_file_tensor_or_decoder_is_named()
    {
        Assert.Contains("file not found", Assert.Throws<InputException>(() => new GgufReader(_folder.At("none.gguf"))).Message);
        GgufWriter.Write(_folder.At("x.gguf"), new Dictionary<string, object>(), []);
        using var reader = new GgufReader(_folder.At("x.gguf"));
        Assert.Contains("tensor w is missing", Assert.Throws<InputException>(() => reader.Read("w")).Message);
    }

    byte[] Whole()
    {
        string file = _folder.At("whole.gguf");
        GgufWriter.Write(
            file, new Dictionary<string, object> { ["general.architecture"] = "llama", ["tokens"] = new[] { "a", "b" }, ["flag"] = true, ["eps"] = 1e-5f },
            [new("w", GgmlType.F32, [2, 2], () => [[1, 2, 3, 4]]), new("v", GgmlType.Q8_0, [32], () => [new float[32]])]);
        return File.ReadAllBytes(file);
    }

    string Refused(byte[] bytes)
    {
        string file = _folder.At("damaged.gguf");
        File.WriteAllBytes(file, bytes);
        var e = Assert.Throws<InputException>(() => new GgufReader(file).Dispose());
        Assert.Contains(file, e.Message);
        Assert.DoesNotContain("\n", e.Message);
        return e.Message;
    }
}
