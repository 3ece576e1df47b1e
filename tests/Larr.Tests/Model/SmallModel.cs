using Larr.Model;
using Larr.Tokens;

namespace Larr.Tests.Model;

/// <summary>A tokenizer of a few words and a nano decoder that fits it.</summary>
static class SmallModel
{
    public static readonly string[] Texts =
    [
        "breakfast: the first meal of the day. coffee and bread are served at breakfast.",
        "dinner: the main meal of the day. soup and rice are served at dinner.",
        "coffee: a hot drink made of roasted beans. tea: a hot drink made of leaves.",
        "rain: water that falls from clouds. snow: ice that falls from clouds.",
    ];

    public static TextTokenizer Tokenizer() => TextTokenizer.Train(Texts, 300, ["<|endoftext|>"]);

    public static Decoder Decoder(TextTokenizer tokenizer, int seed = 1) => new(DecoderConfig.Nano with { VocabularySize = tokenizer.VocabularySize }, seed);
}
