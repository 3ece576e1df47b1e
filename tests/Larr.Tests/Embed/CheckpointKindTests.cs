using Larr.Embed;
using Larr.Model;
using Larr.Tests.Model;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Tests.Embed;

/// <summary>Whatever a checkpoint has, bulk embedding gives the vectors of the model itself.</summary>
[Collection("torch")]
public class CheckpointKindTests
{
    static readonly DecoderConfig plain = DecoderConfig.Nano with { MaxLength = 256 };

    public static TheoryData<string, DecoderConfig> Kinds => new()
    {
        { "plain", plain },
        { "window", plain with { Window = 4, WindowFrom = 1 } },
        { "dynamic", plain with { RopeScaling = new DynamicScaling(8, 8) } },
        { "yarn", plain with { RopeScaling = new YarnScaling(4, 16) } },
        { "llama3", plain with { RopeScaling = new Llama3Scaling(8, 1, 4, 16) } },
        { "biases", plain with { AttentionBias = true, OutputBias = true } },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Vectors_are_those_of_the_model(string name, DecoderConfig config)
    {
        Assert.NotEmpty(name);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TextTokenizer tokenizer = SmallModel.Tokenizer();
        TextEncoder Encoder()
        {
            var decoder = new Decoder(config with { VocabularySize = tokenizer.VocabularySize }, 3);
            DecoderTests.Disturb(decoder);
            return new TextEncoder(decoder, Pooling.Mean, dimension: null, seed: 1);
        }
        using TextEncoder model = Encoder();
        using var embedder = new PackedEmbedder(Encoder(), tokenizer, "test", new EmbedConfig { Precision = Precision.Float32 });
        string[] texts = ["rain", "a hot drink made of roasted beans", "the main meal of the day. soup and rice are served at dinner."];
        foreach ((string text, float[] vector) in texts.Zip(embedder.Embed(texts, cancel: TestContext.Current.CancellationToken).Vectors))
        {
            int[] ids = tokenizer.Encode(text);
            float[] expected = model.forward(DecoderTests.Ids(ids), tensor(new long[] { ids.Length })).data<float>().ToArray();
            Assert.InRange(System.Numerics.Tensors.TensorPrimitives.Dot<float>(expected, vector), 1 - 1e-5, 1 + 1e-5);
        }
    }
}
