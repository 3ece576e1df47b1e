using Larr.Export;
using Larr.Gguf;
using Larr.Model;
using Larr.Runs;
using Larr.Tests.Model;
using Larr.Tokens;

namespace Larr.Tests.Export;

/// <summary>A decoder that went out as GGUF comes back with its bits.</summary>
[Collection("torch")]
public sealed class GgufModelTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly TextTokenizer _tokenizer = SmallModel.Tokenizer();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, false, false, false)]
    [InlineData(false, true, true, false)]
    [InlineData(false, true, false, false)]
    [InlineData(true, false, false, true)]
    public void It_comes_back_as_it_was(bool tied, bool bias, bool outputBias, bool norm)
    {
        using var decoder = new Decoder(Config with { TiedHead = tied, AttentionBias = bias, OutputBias = outputBias, QueryKeyNorm = norm, RopeTheta = 5000 }, seed: 1);
        DecoderTests.Disturb(decoder);
        string file = Export(decoder, GgmlType.F32);
        (Decoder read, TextTokenizer tokenizer) = GgufModel.Load(file);
        using (read)
        {
            Assert.Equal(decoder.Config, read.Config);
            Assert.Equal(DecoderTests.Bits(decoder), DecoderTests.Bits(read));
        }
        foreach (string text in SmallModel.Texts.Append("soup<|endoftext|> and äö")) Assert.Equal(_tokenizer.Encode(text), tokenizer.Encode(text));
        Assert.Equal(_tokenizer.EndId, tokenizer.EndId);
    }

    [Fact]
    public void What_it_is_not_is_refused()
    {
        using var decoder = new Decoder(Config, seed: 1);
        GgufExport.Write(decoder, _tokenizer, _folder.At("headless.gguf"), GgmlType.F32, headless: true);
        Assert.Contains("found llama-embed; expected llama, qwen2 or qwen3", Refused(_folder.At("headless.gguf")));
        using var stretched = new Decoder(Config with { RopeScaling = new LinearScaling(2) }, seed: 1);
        Assert.Contains("stretched positions", Refused(Export(stretched, GgmlType.F32)));
        using (var reader = new GgufReader(Export(decoder, GgmlType.F32)))
            GgufWriter.Write(_folder.At("part.gguf"), reader.Values.All.ToArray(), [.. reader.Tensors.Values.SkipLast(1).Select(t => new GgufSource(t.Name, t.Type, t.Shape, () => [reader.Read(t.Name)]))]);
        Assert.Contains("tensor output_norm.weight is missing", Refused(_folder.At("part.gguf")));
    }

    static string Refused(string file) => Assert.Throws<InputException>(() => GgufModel.Load(file)).Message;

    DecoderConfig Config => DecoderConfig.Nano with { VocabularySize = _tokenizer.VocabularySize + 2, NormEpsilon = 1e-5 };

    string Export(Decoder decoder, GgmlType type)
    {
        GgufExport.Write(decoder, _tokenizer, _folder.At("x.gguf"), type, headless: false);
        return _folder.At("x.gguf");
    }
}
