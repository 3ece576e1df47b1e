using Larr.Kernels;
using Larr.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Larr.Tests.Model;

/// <summary>Layers on our kernels against the same layers from the tensor library's operations: values and all gradients.</summary>
[Collection("torch")]
public class FusedTests
{
    static readonly TokenRun[] runs = [new(0, 5), new(5, 20), new(25, 1), new(30, 19), new(49, 11)]; // of two rows of 30 tokens; five tokens are in none

    [Theory]
    [InlineData(8, 4, 2, true)]
    [InlineData(8, 4, 4, false)]
    [InlineData(32, 3, 1, true)]
    [InlineData(80, 2, 1, false)]
    public void Attention_within_runs_is_attention_under_their_mask(int headWidth, int heads, int shared, bool norm)
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano with { HeadWidth = headWidth, Heads = heads, KeyValueHeads = shared, QueryKeyNorm = norm }, 3);
        Disturb(decoder);
        using var generator = new Generator(1);
        Tensor ids = (rand(2, 30, generator: generator) * 96).to(ScalarType.Int64);
        long[] inside = [.. runs.SelectMany(r => Enumerable.Range(r.Begin, r.Length)).Select(t => (long)t)];
        Tensor weights = randn(inside.Length, 32, generator: generator);
        (Tensor mask, Tensor positions) = RunMask.Of(runs, 2, 30, CPU);
        (Tensor expected, Dictionary<string, Tensor> expectedGradients) = Gradients(decoder.Hidden(ids, mask, positions));
        (Tensor actual, Dictionary<string, Tensor> gradients) = Gradients(decoder.Hidden(ids, runs));
        Assert.True(actual.allclose(expected, 1e-4, 1e-4));
        foreach ((string name, Tensor gradient) in gradients) Assert.True(gradient.allclose(expectedGradients[name], 1e-3, 1e-3), name);
        Assert.Equal(decoder.parameters().Count(), gradients.Count);

        (Tensor, Dictionary<string, Tensor>) Gradients(Tensor hidden)
        {
            Tensor states = hidden.flatten(0, 1).index_select(0, tensor(inside));
            (states * weights).sum().backward();
            var result = decoder.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.clone());
            decoder.zero_grad();
            return (states, result);
        }
    }

    [Fact]
    public void Attention_gradients_are_those_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        using var attention = new Attention(DecoderConfig.Nano with { QueryKeyNorm = true });
        using var rope = new Rope(8, 100);
        using var generator = new Generator(4);
        using (no_grad())
            foreach (var p in attention.parameters()) p.copy_(randn(p.shape, generator: generator) * 0.3 + (p.ndim == 1 ? 1 : 0));
        (Tensor cos, Tensor sin) = rope.Table(20, CPU);
        var layout = new Layout(cos, sin, null, [new TokenRun(0, 18)], ScalarType.Float32);
        Tensor x = randn([1, 18, 32], generator: generator).requires_grad_(), weights = randn([1, 18, 32], generator: generator), direction = randn([1, 18, 32], generator: generator);
        (attention.forward(x, layout) * weights).sum().backward();
        double along = (x.grad! * direction).sum().item<float>();
        using var noGrad = no_grad();
        double Value(double step) => (attention.forward(x + direction * step, layout) * weights).to(ScalarType.Float64).sum().item<double>();
        Assert.Equal((Value(1e-2) - Value(-1e-2)) / 2e-2, along, Math.Abs(along) * 2e-3 + 1e-2);
    }

    [Fact]
    public unsafe void A_window_sees_that_many_tokens_back()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(4);
        const int length = 50, window = 20, d = 16;
        Tensor qkv = randn([length, 3 * d], generator: generator), y = zeros(length, d), gradient = zeros(length, 3 * d), above = randn([length, d], generator: generator);
        Tensor cos = ones(length, d / 2), sin = zeros(length, d / 2);
        var kernel = new AttentionKernel<Float32Lanes>(new AttentionShape(1, 1, d, window, 0), cos.Floats(), sin.Floats(), null, null);
        kernel.Forward(qkv.Address(), y.Address(), [new TokenRun(0, length)], 1);
        kernel.Backward(qkv.Address(), above.Address(), gradient.Address(), null, null, [new TokenRun(0, length)], 1);
        Tensor input = qkv.clone().requires_grad_();
        Tensor ahead = arange(length).unsqueeze(1) - arange(length).unsqueeze(0);
        Tensor scores = input.narrow(1, 0, d).matmul(input.narrow(1, d, d).t()) / Math.Sqrt(d);
        Tensor expected = scores.masked_fill(ahead.lt(0).logical_or(ahead.ge(window)), float.NegativeInfinity).softmax(1).matmul(input.narrow(1, 2 * d, d));
        Assert.True(y.allclose(expected, 1e-4, 1e-5));
        (expected * above).sum().backward();
        Assert.True(gradient.allclose(input.grad!, 1e-4, 1e-5));
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.BFloat16, 2e-2)]
    public void Norm_after_addition_and_gate_have_the_librarys_values_and_gradients(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);
        using var norm = new RmsNorm(37, 1e-5); // not a whole number of lanes
        using (no_grad()) norm.weight.copy_(randn([37], generator: generator));
        Tensor x = randn([3, 45, 37], generator: generator).requires_grad_(), a = randn([3, 45, 37], generator: generator).to(type).requires_grad_();
        Tensor plainX = x.detach().clone().requires_grad_(), plainA = a.detach().to(ScalarType.Float32).requires_grad_(), plainWeight = norm.weight.detach().clone().requires_grad_();
        (Tensor sum, Tensor h) = norm.AddAndNormalise(x, a);
        Tensor plainSum = plainX + plainA, plainH = plainSum * (plainSum.square().mean([-1], keepdim: true) + 1e-5).rsqrt() * plainWeight;
        Tensor up = randn(h.shape, generator: generator), side = randn(h.shape, generator: generator);
        (h.to(ScalarType.Float32) * up + sum * side).sum().backward();
        (plainH * up + plainSum * side).sum().backward();
        Near(plainSum, sum);
        Near(plainH, h);
        Near(plainX.grad!, x.grad!);
        Near(plainA.grad!, a.grad!);
        Assert.True(norm.weight.grad!.allclose(plainWeight.grad!, tolerance, tolerance * 20));

        Tensor both = (randn([5, 74], generator: generator) * 3).to(type).requires_grad_(), plainBoth = both.detach().to(ScalarType.Float32).requires_grad_();
        Tensor y = SwiGluFunction.apply(both), plainY = nn.functional.silu(plainBoth.narrow(1, 0, 37)) * plainBoth.narrow(1, 37, 37);
        Tensor above = randn(y.shape, generator: generator);
        (y.to(ScalarType.Float32) * above).sum().backward();
        (plainY * above).sum().backward();
        Near(plainY, y);
        Near(plainBoth.grad!, both.grad!);

        void Near(Tensor expected, Tensor actual) => Assert.True(actual.to(ScalarType.Float32).allclose(expected, tolerance, tolerance));
    }

    [Fact]
    public unsafe void Kernels_give_the_same_bits_on_one_thread_and_on_two()
    {
        using var threadsBefore = new ThreadCount();
        Assert.Equal(Bits(1), Bits(2));

        static byte[] Bits(int threads)
        {
            set_num_threads(threads);
            using var scope = NewDisposeScope();
            using var generator = new Generator(5);
            const int tokens = 2400, d = 16; // several chunks, and several partial sums, of each
            using var norm = new RmsNorm(37, 1e-5);
            using (no_grad()) norm.weight.copy_(randn([37], generator: generator));
            Tensor x = randn([tokens, 37], generator: generator).requires_grad_(), a = randn([tokens, 37], generator: generator).requires_grad_(), both = randn([tokens, 74], generator: generator).requires_grad_();
            (Tensor sum, Tensor h) = norm.AddAndNormalise(x, a);
            Tensor y = SwiGluFunction.apply(both);
            Tensor Weighted(Tensor t) => (t * randn(t.shape, generator: generator)).sum();
            (Weighted(sum) + Weighted(h) + Weighted(y)).backward();

            Tensor qkv = randn([tokens, 3 * d], generator: generator), mixed = zeros(tokens, d), gradient = zeros(tokens, 3 * d), above = randn([tokens, d], generator: generator);
            TokenRun[] texts = [.. Enumerable.Range(0, tokens / 40).Select(t => new TokenRun(40 * t, 40))];
            var kernel = new AttentionKernel<Float32Lanes>(new AttentionShape(1, 1, d, 0, 0), ones(tokens, d / 2).Floats(), zeros(tokens, d / 2).Floats(), null, null);
            kernel.Forward(qkv.Address(), mixed.Address(), texts, threads);
            kernel.Backward(qkv.Address(), above.Address(), gradient.Address(), null, null, texts, threads);
            return [.. ((Tensor[])[sum, h, y, x.grad!, a.grad!, norm.weight.grad!, both.grad!, mixed, gradient]).SelectMany(t => t.detach().bytes.ToArray())];
        }
    }

    [Fact]
    public void Recomputed_layers_give_the_same_gradients_and_leave_no_tensors()
    {
        using var scope = NewDisposeScope();
        using Decoder kept = new(DecoderConfig.Nano, 1), again = new(DecoderConfig.Nano, 1) { Recompute = true };
        long counted = 0;
        for (int i = 0; i < 5; i++)
        {
            kept.zero_grad();
            again.zero_grad();
            using (var step = NewDisposeScope())
            {
                kept.Hidden(ones([2, 30], ScalarType.Int64), runs).square().sum().backward();
                again.Hidden(ones([2, 30], ScalarType.Int64), runs).square().sum().backward();
            }
            if (i == 0) counted = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }
        Assert.Equal(counted, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.All(kept.parameters().Zip(again.parameters()), p => Assert.Equal(p.First.grad!.bytes.ToArray(), p.Second.grad!.bytes.ToArray()));
    }

    [Fact]
    public void Held_weights_change_nothing_and_their_gradients_reach_the_masters()
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano, 1) { Compute = ScalarType.BFloat16 };
        byte[] free = Twice(), held;
        decoder.zero_grad();
        using (decoder.HoldWeights()) held = Twice();
        Assert.Equal(free, held);

        byte[] Twice()
        {
            for (int i = 0; i < 2; i++) decoder.Hidden(full([2, 30], 5 + i, ScalarType.Int64), runs).square().sum().backward();
            return [.. decoder.parameters().SelectMany(p => p.grad!.bytes.ToArray())];
        }
    }

    static void Disturb(Decoder decoder)
    {
        using var noGrad = no_grad();
        using var generator = new Generator(9);
        foreach (var p in decoder.parameters()) p.add_(randn(p.shape, generator: generator) * 0.2);
    }
}
