using Larr.Ctr;
using Larr.Ctr.Backbones;
using Larr.Ctr.Layers;
using Larr.Model;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Tests.Ctr;

[Collection("torch")]
public sealed class BackboneTests
{
    static readonly CtrConfig s_config = new() { EmbeddingDimension = 2, Hidden = [3], Dropout = 0, CrossLayers = 2 };

    static void Set(nn.Module module, string name, params float[] values)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        Parameter p = module.get_parameter(name)!;
        p.copy_(tensor(values).view(p.shape));
    }

    [Fact]
    public void The_cross_network_agrees_with_a_case_worked_by_hand()
    {
        using var scope = NewDisposeScope();
        using var backbone = new DcnV2(s_config, 2, seed: 1);
        Set(backbone, "cross.0.weight", 1, 2, 0, 1);
        Set(backbone, "cross.0.bias", 0, 1);
        Set(backbone, "cross.1.weight", 0, 1, 1, 0);
        Set(backbone, "cross.1.bias", 1, 0);
        // x0 = (2, 3). W x0 + b = (8, 4): x1 = (2·8 + 2, 3·4 + 3) = (18, 15). W x1 + b = (16, 18): x2 = (2·16 + 18, 3·18 + 15) = (50, 69).
        Tensor crossed = backbone.Cross(tensor(new[,] { { 2f, 3f } }));
        Assert.Equal([50f, 69f], crossed.data<float>().ToArray());
        Assert.Equal([1L, 5L], backbone.Apply(tensor(new[,] { { 2f, 3f } }), null).shape);
    }

    [Fact]
    public void Mean_pooling_leaves_out_missing_items_and_gives_zeros_for_an_empty_history()
    {
        using var scope = NewDisposeScope();
        using var backbone = new Dnn(s_config, 2, seed: 1);
        Tensor history = tensor(new float[,,] { { { 2, 4 }, { 4, 8 }, { 0, 0 } }, { { 0, 0 }, { 0, 0 }, { 0, 0 } } });
        Tensor pooled = backbone.Pool(zeros(2, 2), history, tensor(new float[,] { { 1, 1, 0 }, { 0, 0, 0 } }));
        Assert.Equal([3f, 6f, 0f, 0f], pooled.data<float>().ToArray());
    }

    [Fact]
    public void Target_attention_agrees_with_a_plain_loop()
    {
        using var scope = NewDisposeScope();
        using var backbone = new Din(s_config, 2, seed: 1);
        Tensor target = randn(1, 2), history = randn(1, 2, 2), mask = tensor(new float[,] { { 1, 1 } });
        float[] w = backbone.get_parameter("attend.weight")!.data<float>().ToArray(), b = backbone.get_parameter("attend.bias")!.data<float>().ToArray();
        float[] v = backbone.get_parameter("weigh.weight")!.data<float>().ToArray();
        float c = backbone.get_parameter("weigh.bias")!.item<float>();
        float[] q = target.data<float>().ToArray(), h = history.data<float>().ToArray();
        double[] expected = new double[2];
        for (int l = 0; l < 2; l++)
        {
            double[] input = [q[0], q[1], h[2 * l], h[2 * l + 1], q[0] - h[2 * l], q[1] - h[2 * l + 1], q[0] * h[2 * l], q[1] * h[2 * l + 1]];
            double weight = c;
            for (int j = 0; j < b.Length; j++) weight += v[j] * Math.Max(0, b[j] + input.Select((x, i) => w[j * 8 + i] * x).Sum());
            for (int i = 0; i < 2; i++) expected[i] += weight * h[2 * l + i];
        }
        float[] pooled = backbone.Pool(target, history, mask).data<float>().ToArray();
        for (int i = 0; i < 2; i++) Assert.Equal(expected[i], pooled[i], 1e-5);
        Assert.Equal(0f, backbone.Pool(target, history, zeros(1, 2)).abs().sum().item<float>());
    }

    [Fact]
    public void Factorisation_pairs_are_the_inner_products_of_all_pairs()
    {
        using var scope = NewDisposeScope();
        // (1,2)·(3,1) + (1,2)·(−1,4) + (3,1)·(−1,4) = 5 + 7 + 1.
        Tensor x = tensor(new[,] { { 1f, 2f, 3f, 1f, -1f, 4f, 9f } });
        var shape = new BackboneShape(3, 2);
        Assert.Equal(13f, Fm.Pairs(x, shape).item<float>());
        using var fm = new Fm(shape);
        Assert.Equal([9f, 13f], fm.Apply(x, null).data<float>().ToArray());
        using var lr = new Lr();
        Assert.Equal([9f], lr.Apply(x, null).data<float>().ToArray());
        using var deep = new DeepFm(s_config, shape, seed: 1);
        Assert.Equal([9f, 13f], deep.Apply(x, null).narrow(1, 0, 2).data<float>().ToArray());
        Assert.Equal(5, deep.Outputs);
    }

    [Fact]
    public void The_fusion_of_two_streams_is_bilinear_in_heads()
    {
        using var scope = NewDisposeScope();
        using var backbone = new FinalMlp(s_config with { Hidden = [4], SecondHidden = [2], FusionHeads = 2, GateWidth = 3 }, new BackboneShape(2, 2, User: 1), seed: 1);
        Set(backbone, "fusion", 1, 2, 3, 4);
        // Head 1: (1,2)·(1,2)ᵀ·5 = (1·1 + 2·2)·5 = 25. Head 2: (3,4)·(3,4)ᵀ·6 = (9 + 16)·6 = 150.
        Assert.Equal(175f, backbone.Fuse(tensor(new[,] { { 1f, 2f, 3f, 4f } }), tensor(new[,] { { 5f, 6f } })).item<float>());
        Assert.Equal([3L, 7L], backbone.Apply(randn(3, 4), null).shape);
    }

    [Fact]
    public void Multi_head_target_attention_agrees_with_a_plain_loop()
    {
        using var scope = NewDisposeScope();
        CtrConfig config = s_config with { EmbeddingDimension = 4, AttentionHeads = 2 };
        using var backbone = new TargetAttention(config, 4, seed: 1);
        Tensor target = randn(1, 4), history = randn(1, 3, 4), mask = tensor(new float[,] { { 1, 1, 0 } });
        double[][] Map(string name, Tensor x) => [.. Enumerable.Range(0, (int)x.size(0)).Select(r => backbone.get_parameter(name + ".weight")!.matmul(x[r]).data<float>().Select(v => (double)v).ToArray())];
        double[] q = Map("query", target)[0];
        double[][] k = Map("key", history[0]), v = Map("value", history[0]);
        float[] pooled = backbone.Pool(target, history, mask).data<float>().ToArray();
        for (int head = 0; head < 2; head++)
        {
            int[] at = [2 * head, 2 * head + 1];
            double[] weights = [.. Enumerable.Range(0, 2).Select(l => Math.Exp(at.Sum(i => q[i] * k[l][i]) / Math.Sqrt(2)))];
            foreach (int i in at) Assert.Equal((weights[0] * v[0][i] + weights[1] * v[1][i]) / weights.Sum(), pooled[i], 1e-4);
        }
        Assert.Equal(0f, backbone.Pool(target, history, zeros(1, 3)).abs().sum().item<float>());
    }

    [Fact]
    public void Bfloat16_products_are_for_training_and_come_close()
    {
        using var scope = NewDisposeScope();
        using var mlp = new Mlp(s_config with { Hidden = [64, 32], Precision = Precision.BFloat16 }, 20, seed: 1);
        Tensor x = randn(50, 20), trained = mlp.Apply(x, null);
        mlp.eval();
        Tensor predicted = mlp.Apply(x, null);
        Assert.Equal(ScalarType.Float32, trained.dtype);
        Assert.InRange((trained - predicted).abs().max().item<float>(), 1e-6f, .05f);
    }

    [Fact]
    public void An_adapter_sees_its_hidden_layers_and_its_output_goes_on()
    {
        using var scope = NewDisposeScope();
        using var mlp = new Mlp(s_config with { Hidden = [4, 3] }, 2, seed: 1);
        var seen = new Recorder();
        using var adapter = new HiddenAdapter(first: 1, [seen]);
        Tensor result = mlp.Apply(randn(5, 2), adapter);
        Assert.Equal(["product 4 to 3", "output 3"], seen.Calls);
        Assert.Equal(15f, result.sum().item<float>());
        Assert.Null(adapter.At(0));
        Assert.Same(seen, adapter.At(1));
    }

    [Fact]
    public void An_adapter_that_changes_nothing_leaves_every_bit()
    {
        using var scope = NewDisposeScope();
        using var mlp = new Mlp(s_config with { Hidden = [4, 3], BatchNorm = true }, 2, seed: 1);
        using var adapter = new HiddenAdapter(first: 0, [new Nothing(), new Nothing()]);
        mlp.eval();
        Tensor x = randn(5, 2);
        Assert.Equal(mlp.Apply(x, null).data<float>().ToArray(), mlp.Apply(x, adapter).data<float>().ToArray());
    }

    sealed class Nothing() : LayerAdapter(nameof(Nothing));

    sealed class Recorder() : LayerAdapter(nameof(Recorder))
    {
        internal List<string> Calls { get; } = [];

        public override Tensor Product(Tensor x, Linear linear)
        {
            Tensor y = base.Product(x, linear);
            Calls.Add($"product {x.size(1)} to {y.size(1)}");
            return y;
        }

        public override Tensor Output(Tensor h)
        {
            Calls.Add($"output {h.size(1)}");
            return ones_like(h);
        }
    }
}
