using Larr.Corpus;
using Larr.Embed;
using Larr.Model;
using Larr.Tokens;

namespace Larr.Tests.Embed;

/// <summary>An untrained encoder of test size: what it says is noise, how it is computed is real.</summary>
static class SmallEncoder
{
    static readonly string[] s_texts = ["the weather is light rain", "the weather is sunny", "it is lunch time", "it is late in the evening"];

    public static TextTokenizer Tokenizer() => TextTokenizer.Train(s_texts, 300, ["<|endoftext|>", EmbedToken.Text]);

    public static PackedEmbedder Embedder(Pooling pooling = Pooling.LastToken, EmbedConfig? config = null, int? dimension = 16) =>
        Embedder(Encoder(pooling, dimension), config);

    public static PackedEmbedder Embedder(TextEncoder encoder, EmbedConfig? config = null) => new(encoder, Tokenizer(), "model-hash", config ?? new EmbedConfig());

    public static TextEncoder Encoder(Pooling pooling, int? dimension) =>
        new(new Decoder(DecoderConfig.Nano with { VocabularySize = Tokenizer().VocabularySize }, seed: 1), pooling, dimension, seed: 2);

    public static EmbeddedTexts Run(this PackedEmbedder embedder, params string[] texts) => embedder.Embed(texts, cancel: TestContext.Current.CancellationToken);
}
