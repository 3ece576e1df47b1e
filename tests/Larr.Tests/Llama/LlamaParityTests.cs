using System.Numerics.Tensors;
using Larr.Gguf;
using Larr.Llama;
using Larr.Model;

namespace Larr.Tests.Llama;

/// <summary>
/// llama.cpp on the exported file computes what our decoder computes: an independent implementation as witness of names, order of rows, rotary
/// layout, norms, biases and sizes. Hidden states are of size 1 (normed, times weights in [0.5, 1.5]).
/// </summary>
[Collection("torch")]
public sealed class LlamaParityTests
{
    [Theory]
    [InlineData("llama", false)]
    [InlineData("llama", true)]
    [InlineData("qwen2", false)]
    [InlineData("qwen3", false)]
    [InlineData("qwen2", true)]
    [InlineData("qwen3", true)]
    public void Hidden_states_of_many_sequences_in_one_batch_are_ours(string family, bool headless)
    {
        using var random = new RandomModel(family);
        using LlamaModel model = random.Load(GgmlType.F32, headless);
        Assert.Equal(family == "llama" && headless ? "llama-embed" : family, model.Architecture);
        using LlamaContext context = model.NewContext(new() { Tokens = 128, Sequences = 8, Hidden = true, Exact = true });
        int[][] sequences = random.Sequences();
        for (int round = 0; round < 2; round++) // a second time: nothing of the first batch is left in the context
            foreach ((int[] ids, float[] states) in sequences.Zip(context.Hidden(sequences)))
                Assert.InRange(Difference(random.Hidden(ids), states), 0, 2e-5);
        // llama-embed has no head; where there is one, it is not computed.
        Assert.Equal(model.Architecture == "llama-embed" ? 0 : 2, context.Stops);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    public void Logits_and_greedy_tokens_are_ours(string family)
    {
        using var random = new RandomModel(family);
        using LlamaModel model = random.Load();
        using LlamaContext context = model.NewContext(new() { Tokens = 64, Exact = true });
        int[] ids = random.Sequences()[0];
        float[] expected = random.Logits(ids), logits = context.Logits(ids);
        Assert.InRange(Difference(expected, logits), 0, 2e-5 * expected.Max(MathF.Abs));

        int vocabulary = random.Decoder.Config.VocabularySize;
        List<int> greedy = [.. ids];
        for (int t = 0; t < 12; t++) greedy.Add(TensorPrimitives.IndexOfMax<float>(random.Logits([.. greedy]).AsSpan(^vocabulary..)));
        Assert.Equal(greedy[ids.Length..], context.Greedy(ids).Take(12));
    }

    public static TheoryData<string, string, RopeScaling?> Variants => new()
    {
        { "llama", "biases", null },
        { "llama", "linear", new LinearScaling(4) },
        { "llama", "dynamic, within the original length", new DynamicScaling(2, 64) },
        { "llama", "llama3", new Llama3Scaling(8, 1, 4, 64) },
        { "llama", "yarn", new YarnScaling(4, 40) },
        { "qwen2", "yarn", new YarnScaling(4, 40) },
        { "qwen3", "yarn with its own factor", new YarnScaling(2, 32) { AttentionFactor = 1.3, BetaFast = 8 } },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void So_are_those_of_biases_and_stretched_positions(string family, string variant, RopeScaling? scaling)
    {
        foreach (bool headless in new[] { false, true })
        {
            using var random = new RandomModel(family, c => c with { RopeScaling = scaling, RopeTheta = 300, AttentionBias = c.AttentionBias || variant == "biases", OutputBias = variant == "biases" });
            using LlamaModel model = random.Load(GgmlType.F32, headless);
            using LlamaContext context = model.NewContext(new() { Tokens = 128, Sequences = 8, Hidden = true, Exact = true });
            int[][] sequences = random.Sequences();
            foreach ((int[] ids, float[] states) in sequences.Zip(context.Hidden(sequences)))
                Assert.InRange(Difference(random.Hidden(ids), states), 0, 2e-5);
        }
    }

    [Theory]
    [InlineData("llama", GgmlType.F16, 0.002)]
    [InlineData("llama", GgmlType.BF16, 0.02)]
    [InlineData("llama", GgmlType.Q8_0, 0.05)]
    [InlineData("qwen3", GgmlType.BF16, 0.02)]
    [InlineData("qwen3", GgmlType.Q8_0, 0.05)]
    public void Smaller_types_are_near(string family, GgmlType type, double tolerance)
    {
        using var random = new RandomModel(family);
        using LlamaModel model = random.Load(type);
        using LlamaContext context = model.NewContext(new() { Tokens = 128, Sequences = 8, Hidden = true, Exact = true });
        int[][] sequences = random.Sequences();
        foreach ((int[] ids, float[] states) in sequences.Zip(context.Hidden(sequences)))
        {
            float[] expected = random.Hidden(ids);
            Assert.InRange(TensorPrimitives.Distance<float>(expected, states) / TensorPrimitives.Norm<float>(expected), tolerance / 1000, tolerance);
        }
    }

    [Theory]
    [InlineData(GgmlType.Q8_0)]
    [InlineData(GgmlType.Q4_0)]
    public void Blocks_are_read_as_they_are_written(GgmlType type)
    {
        using var random = new RandomModel("llama");
        random.Round(type);
        using LlamaModel model = random.Load(type);
        using LlamaContext context = model.NewContext(new() { Tokens = 128, Sequences = 8, Hidden = true, Exact = true });
        int[][] sequences = random.Sequences();
        // llama.cpp rounds the other side of such products to eight bits.
        foreach ((int[] ids, float[] states) in sequences.Zip(context.Hidden(sequences)))
        {
            float[] expected = random.Hidden(ids);
            Assert.InRange(TensorPrimitives.Distance<float>(expected, states) / TensorPrimitives.Norm<float>(expected), 0, 0.05);
        }
    }

    [Fact]
    public void A_product_of_libtorch_on_the_callers_thread_does_not_disturb_llama_cpp()
    {
        using var random = new RandomModel("llama");
        using LlamaModel model = random.Load(GgmlType.Q8_0);
        using LlamaContext context = model.NewContext(new() { Tokens = 128, Sequences = 8, Hidden = true, Exact = true });
        int[][] sequences = random.Sequences();
        float[][] before = context.Hidden(sequences);
        using (TorchSharp.torch.Tensor a = TorchSharp.torch.ones(256, 256, dtype: TorchSharp.torch.ScalarType.BFloat16), product = a.mm(a))
            Assert.Equal(256, product[0, 0].to(TorchSharp.torch.ScalarType.Float32).item<float>());
        Assert.Equal(before, context.Hidden(sequences));
    }

    [Fact]
    public void A_disposed_context_says_so_in_the_middle_of_a_text()
    {
        using var random = new RandomModel("llama");
        using LlamaModel model = random.Load();
        LlamaContext context = model.NewContext(new() { Tokens = 64, Exact = true });
        using IEnumerator<int> tokens = context.Greedy(random.Sequences()[0]).GetEnumerator();
        Assert.True(tokens.MoveNext());
        context.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tokens.MoveNext());
    }

    static double Difference(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        return expected.Zip(found, (a, b) => Math.Abs((double)a - b)).Max();
    }
}
