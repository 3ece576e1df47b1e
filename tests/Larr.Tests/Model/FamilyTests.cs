using Larr.Model;
using Larr.Tests.Cli;
using TorchSharp;
using static TorchSharp.torch;

namespace Larr.Tests.Model;

/// <summary>Each family of checkpoints against plain loops over doubles, and its tensors against an approved list.</summary>
[Collection("torch")]
public class FamilyTests
{
    static readonly int[] text = [5, 17, 3, 3, 80, 42, 0, 95, 17, 61, 8, 2, 33, 90, 5, 5, 71, 12, 44, 9];

    static readonly DecoderConfig llama = DecoderConfig.Nano with { TiedHead = false, MaxLength = 64 };
    static readonly DecoderConfig mistral = llama with { HeadWidth = 12, Window = 5 };
    static readonly DecoderConfig qwen2 = llama with { AttentionBias = true, TiedHead = true };
    static readonly DecoderConfig qwen3 = llama with { QueryKeyNorm = true, HeadWidth = 16 };

    public static TheoryData<string, DecoderConfig> Families => new()
    {
        { "Llama", llama },
        { "Llama, tied head, attention_bias", llama with { TiedHead = true, AttentionBias = true, OutputBias = true } },
        { "Llama, one key and value head each", llama with { KeyValueHeads = 4 } },
        { "Llama, linear", llama with { RopeScaling = new LinearScaling(4) } },
        { "Llama, dynamic, below the original length", llama with { RopeScaling = new DynamicScaling(2, 32) } },
        { "Llama, dynamic, beyond the original length", llama with { RopeScaling = new DynamicScaling(4, 16) } },
        { "Llama 3", llama with { RopeTheta = 500, RopeScaling = new Llama3Scaling(8, 1, 4, 64) } },
        { "Mistral, window, wide heads", mistral },
        { "Mistral, window longer than the text", mistral with { Window = 20 } },
        { "Qwen 2", qwen2 },
        { "Qwen 2, window from layer 1 on", qwen2 with { Window = 3, WindowFrom = 1 } },
        { "Qwen 2.5, yarn", qwen2 with { MaxLength = 160, RopeTheta = 300, RopeScaling = new YarnScaling(4, 40) } },
        { "Qwen 3", qwen3 },
        { "Qwen 3, attention_bias, yarn with its own factor", qwen3 with { AttentionBias = true, OutputBias = true, RopeScaling = new YarnScaling(2, 32) { AttentionFactor = 1.3, BetaFast = 8 } } },
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void Logits_are_those_of_plain_loops_in_double(string name, DecoderConfig config)
    {
        using var scope = NewDisposeScope();
        using Decoder decoder = Random(config, name.Length);
        Agree(new PlainDecoder(decoder).Logits(text), decoder.forward(DecoderTests.Ids(text)));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Tokens_read_one_by_one_give_the_logits_of_the_whole_text(string name, DecoderConfig config)
    {
        // Dynamic angles change with every token beyond the original length; kept keys stay as they were.
        if (name == "Llama, dynamic, beyond the original length") return;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using Decoder decoder = Random(config, 7);
        using var cache = new KeyValueCache(text.Length);
        Tensor whole = decoder.Hidden(DecoderTests.Ids(text));
        Tensor[] parts = [decoder.Hidden(DecoderTests.Ids(text[..6]), cache: cache), .. text[6..].Select(id => decoder.Hidden(DecoderTests.Ids([id]), cache: cache))];
        Assert.Equal(text.Length, cache.Length);
        TensorAssert.Near(whole, cat(parts, 1), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_saved_configuration_is_read_as_it_was(string name, DecoderConfig config)
    {
        Assert.NotEmpty(name);
        using var folder = new TemporaryFolder();
        DecoderConfigFile.Write(config, folder.At("config.json"), "float32", 1, 2);
        Assert.Equal(config, DecoderConfigFile.Read(folder.At("config.json")));
    }

    [Fact]
    public void Logits_of_stories260K_are_those_of_plain_loops_in_double()
    {
        using var scope = NewDisposeScope();
        using Decoder decoder = Llama2cWeights.Read(TestData.File("tinyllama", "stories260K.bin"));
        int[] ids = [1, 403, 407, 261, 378, 31, 280, 300, 262, 416, 409, 259, 400, 511, 13, 304, 259, 410];
        Agree(new PlainDecoder(decoder).Logits(ids), decoder.forward(DecoderTests.Ids(ids)));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("mistral")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    public void Names_and_shapes_of_a_published_model_are_the_approved_ones(string name)
    {
        // On the meta device tensors have shapes and no memory.
        string folder = Path.Combine(Command.Repository, "tests", "Larr.Tests", "Model", "Approved");
        Device before = get_default_device();
        set_default_device(META);
        try
        {
            using var scope = NewDisposeScope();
            using var decoder = new Decoder(DecoderConfigFile.Read(Path.Combine(folder, name + ".config.json")));
            Dictionary<string, Tensor> weights = decoder.state_dict();
            List<string> lines = [];
            foreach (WeightName weight in HuggingFaceNames.Table(decoder.Config))
            {
                weights.Remove(weight.Ours, out Tensor? tensor);
                Assert.Equal(DeviceType.META, tensor!.device_type);
                Assert.Equal(tensor.size(0), weight.Parts.Sum(p => p.Rows));
                Assert.Equal(tensor.dim() == 1 ? null : tensor.size(1), weight.Columns);
                lines.Add($"{weight.Ours} [{string.Join(", ", tensor.shape)}] = {string.Join(" + ", weight.Parts.Select(p => $"{p.Theirs} {p.Rows}"))}");
            }
            Assert.Empty(weights);
            string approved = Path.Combine(folder, name + ".approved.txt"), received = string.Join("\n", lines) + "\n";
            if (Environment.GetEnvironmentVariable("LARR_APPROVE") == "1") File.WriteAllText(approved, received);
            Assert.Equal(File.ReadAllText(approved).ReplaceLineEndings("\n"), received);
        }
        finally
        {
            set_default_device(before);
        }
    }

    static Decoder Random(DecoderConfig config, int seed)
    {
        var decoder = new Decoder(config, seed);
        DecoderTests.Disturb(decoder);
        return decoder;
    }

    static void Agree(double[][] expected, Tensor logits)
    {
        float[] actual = logits.data<float>().ToArray();
        double[] flat = [.. expected.SelectMany(r => r)];
        Assert.Equal(flat.Length, actual.Length);
        Assert.InRange(flat.Zip(actual, (e, a) => Math.Abs(e - a)).Max(), 0, 1e-4);
    }
}
