using CsCheck;
using Larr.Gguf;
using Larr.Runs;

namespace Larr.Tests.Gguf;

/// <summary>What the writer writes, the reader reads; whatever else is refused in one line.</summary>
public sealed class GgufFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static readonly Dictionary<string, object> s_values = new()
    {
        ["general.architecture"] = "llama",
        ["u8"] = (byte)200,
        ["i8"] = (sbyte)-3,
        ["u16"] = (ushort)60000,
        ["i16"] = (short)-4,
        ["u32"] = 7u,
        ["i32"] = -7,
        ["f32"] = 0.5f,
        ["bool"] = true,
        ["u64"] = 1ul << 40,
        ["i64"] = -1L,
        ["f64"] = 1e-300,
        ["texts"] = new[] { "", "ä", "日本" },
        ["reals"] = new[] { 1f, -2 },
        ["numbers"] = new[] { 1, -2 },
        ["counts"] = new[] { 1u, 2u },
        ["flags"] = new[] { true, false },
        ["nothing"] = Array.Empty<int>(),
    };

    [Fact]
    public void Metadata_of_every_type_comes_back()
    {
        string file = _folder.At("x.gguf");
        GgufWriter.Write(file, s_values, []);
        using var reader = new GgufReader(file);
        Assert.Equal(s_values, reader.Values.All);
        Assert.Equal(s_values.Select(v => v.Value.GetType()), reader.Values.All.Select(v => v.Value.GetType()));
        Assert.Equal((7, -7, 200), (reader.Values.Number("u32"), reader.Values.Number("i32"), reader.Values.Number("u8")));
        Assert.Equal((0.5, 1e-300, 7.0), (reader.Values.Real("f32"), reader.Values.Real("f64"), reader.Values.Real("u32")));
        Assert.Equal([1, 2], reader.Values.Numbers("counts"));
        Assert.Contains("metadata has no x", Assert.Throws<InputException>(() => reader.Values.Text("x")).Message);
        Assert.Contains("i32: found Int32 -7; expected a text", Assert.Throws<InputException>(() => reader.Values.Text("i32")).Message);
        Assert.Contains("texts: found a list of 3 String; expected a whole number", Assert.Throws<InputException>(() => reader.Values.Number("texts")).Message);
    }

    [Fact]
    public void Tensors_come_back_with_shape_and_values()
    {
        Gen.Select(Gen.Int[0, 3].Select(i => GgmlEncoding.Types[i]), Gen.Int[1, 5], Gen.Int[1, 4]).Array[0, 4].Sample(tensors =>
        {
            string file = _folder.At($"{Guid.NewGuid()}.gguf");
            // Small whole numbers with ±127 in every block are exact in every type.
            float[] Values(int rows, int blocks) => [.. Enumerable.Range(0, rows * blocks * 32).Select(i => i % 32 == 0 ? 127f : i % 32 - 16)];
            GgufWriter.Write(file, s_values, [.. tensors.Select((t, i) =>
                new GgufSource($"t{i}", t.Item1, [t.Item2, t.Item3 * 32], () => Values(t.Item2, t.Item3).Chunk(t.Item3 * 32)))]);
            using var reader = new GgufReader(file);
            Assert.Equal(tensors.Select((_, i) => $"t{i}"), reader.Tensors.Keys);
            for (int i = 0; i < tensors.Length; i++)
            {
                Assert.Equal([tensors[i].Item2, tensors[i].Item3 * 32], reader.Tensors[$"t{i}"].Shape);
                Assert.Equal(0, reader.Tensors[$"t{i}"].Offset % 32);
                Assert.Equal(Values(tensors[i].Item2, tensors[i].Item3), reader.Read($"t{i}"));
            }
        }, iter: 50, threads: 1);
    }

    [Fact]
    public void The_file_is_laid_out_as_the_format_says()
    {
        string file = _folder.At("x.gguf");
        GgufWriter.Write(file, new Dictionary<string, object> { ["k"] = 5u }, [new("w", GgmlType.F32, [1, 2], () => [[1f, 2f]])]);
        byte[] expected =
        [
            .. "GGUF"u8, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
            1, 0, 0, 0, 0, 0, 0, 0, (byte)'k', 4, 0, 0, 0, 5, 0, 0, 0,
            1, 0, 0, 0, 0, 0, 0, 0, (byte)'w', 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            .. new byte[14], // 82 bytes of header, data from 96
            0, 0, 0x80, 0x3f, 0, 0, 0, 0x40,
        ];
        Assert.Equal(expected, File.ReadAllBytes(file));
    }

    [Fact]
    public void A_writer_that_fails_leaves_the_earlier_file_and_nothing_else()
    {
        string file = _folder.Write("x.gguf", "earlier");
        Assert.Throws<ArgumentException>(() => GgufWriter.Write(file, s_values, [new("w", GgmlType.F32, [3], () => [[1f, 2f]])]));
        Assert.Equal("earlier", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData("gpt-2", "gpt2", 50257)]
    [InlineData("llama-spm", "llama", 32000)]
    public void Vocabularies_that_others_wrote_are_read(string name, string model, int tokens)
    {
        string file = Path.Combine(Environment.GetEnvironmentVariable("LARR_DATA") ?? "", "tokenizers", $"ggml-vocab-{name}.gguf");
        Assert.SkipUnless(File.Exists(file), $"{file} is not there: LARR_DATA names no data folder");
        using var reader = new GgufReader(file);
        Assert.Equal(model, reader.Values.Text("tokenizer.ggml.model"));
        Assert.Equal(tokens, reader.Values.Texts("tokenizer.ggml.tokens").Count);
        Assert.Equal(tokens, reader.Values.Numbers("tokenizer.ggml.token_type").Count);
        Assert.Empty(reader.Tensors);
    }
}
