using System.Text;
using CsCheck;
using Larr.Tokens;

namespace Larr.Tests.Tokens;

/// <summary>
/// llama.cpp's test vectors: texts and the ids that its own tokenizers, which are checked against the original ones, make of them. The data
/// folder holds two of the four vocabularies; the others are read from a tokenizers/NAME/tokenizer.json where somebody has put one.
/// </summary>
public sealed class ConformanceTests
{
    const string Separator = "\n__ggml_vocab_test__\n";

    [Theory]
    [InlineData("gpt-2")]
    [InlineData("llama-spm")]
    [InlineData("llama-bpe")]
    [InlineData("qwen2")]
    public void Ids_are_those_of_the_test_vectors(string name)
    {
        TextTokenizer tokenizer = Load(name);
        string[] texts = File.ReadAllText(TestData.File("tokenizers", $"ggml-vocab-{name}.gguf.inp")).Split(Separator)[..^1];
        string[] expected = File.ReadAllText(TestData.File("tokenizers", $"ggml-vocab-{name}.gguf.out")).Split('\n')[..^1];
        Assert.Equal(expected.Length, texts.Length);
        foreach ((string text, string ids) in texts.Zip(expected))
            Assert.Equal($"{text}:{ids}", $"{text}:{string.Concat(tokenizer.Encode(text).Select(id => $" {id}"))}");
    }

    [Theory]
    [InlineData("gpt-2")]
    [InlineData("llama-spm")]
    [InlineData("llama-bpe")]
    [InlineData("qwen2")]
    public void Texts_of_any_bytes_come_back(string name)
    {
        TextTokenizer tokenizer = Load(name);
        // Pieces of the vectors with any bytes between; bytes that are no UTF-8 become U+FFFD before they are text. NFC is left to its own test.
        string[] texts = File.ReadAllText(TestData.File("tokenizers", $"ggml-vocab-{name}.gguf.inp")).Split(Separator);
        Gen<string> bytes = Gen.Byte.Array[0, 20].Select(b => Encoding.UTF8.GetString(b));
        Gen<string> vector = Gen.Int[0, texts.Length - 1].Select(i => texts[i]);
        Gen.Select(bytes, vector, bytes).Select((a, b, c) => (a + b + c).Replace('▁', '_')).Where(t => name != "qwen2" || ComposedForm.Of(t) == t)
            .Sample(t => Assert.Equal(t, tokenizer.Decode(tokenizer.Encode(t))), iter: 300);
    }

    [Fact]
    public void A_saved_vocabulary_gives_the_same_ids()
    {
        using var folder = new TemporaryFolder();
        TextTokenizer tokenizer = Load("llama-spm");
        tokenizer.Save(folder.Path);
        TextTokenizer read = TextTokenizer.Load(folder.Path);
        Assert.Equal((tokenizer.Hash, 2, 1, 32000), (read.Hash, read.EndId, read.BeginId, read.VocabularySize));
        string text = File.ReadAllText(TestData.File("tokenizers", "ggml-vocab-llama-spm.gguf.inp"));
        Assert.Equal(tokenizer.Encode(text), read.Encode(text));
    }

    static TextTokenizer Load(string name) => name is "gpt-2" or "llama-spm"
        ? PublishedVocabulary.Load(TestData.File("tokenizers", $"ggml-vocab-{name}.gguf"))
        : TextTokenizer.Load(Path.GetDirectoryName(TestData.File("tokenizers", name, "tokenizer.json"))!);
}
