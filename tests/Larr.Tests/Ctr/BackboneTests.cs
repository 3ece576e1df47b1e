using Larr.Ctr;
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
    public void A_transform_sees_every_hidden_layer_and_its_output_goes_on()
    {
        using var scope = NewDisposeScope();
        using var mlp = new Mlp(s_config with { Hidden = [4, 3] }, 2, seed: 1);
        var seen = new List<(int, long)>();
        Tensor result = mlp.Apply(randn(5, 2), (layer, h) =>
        {
            seen.Add((layer, h.size(1)));
            return ones_like(h);
        });
        Assert.Equal([(0, 4L), (1, 3L)], seen);
        Assert.Equal(15f, result.sum().item<float>());
    }

    [Fact]
    public void Dropout_keeps_the_mean_and_drops_the_rate()
    {
        using var scope = NewDisposeScope();
        using var masks = new DropoutMasks(.25, seed: 1);
        Tensor first = masks.Apply(ones(1000, 100)), second = masks.Apply(ones(1000, 100));
        Assert.Equal(.25, first.eq(0).to(float32).mean().item<float>(), .01);
        Assert.Equal(1, first.mean().item<float>(), .02);
        Assert.NotEqual(0, (first - second).abs().sum().item<float>());
    }
}
