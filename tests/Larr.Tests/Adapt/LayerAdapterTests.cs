using Larr.Adapt;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Tests.Adapt;

/// <summary>Each method's forward pass against numbers worked by hand or plain loops. The layer is W = [[1, 2], [3, 4]], b = (½, −½); at x = (1, −1) it gives (−½, −1½).</summary>
[Collection("torch")]
public sealed class LayerAdapterTests : IDisposable
{
    readonly DisposeScope _scope = NewDisposeScope();
    readonly Generator _random = new(1);
    readonly Linear _linear = nn.Linear(2, 2);
    readonly Tensor _x = tensor(new[,] { { 1f, -1f } });

    public LayerAdapterTests()
    {
        Set(_linear.weight!, 1, 2, 3, 4);
        Set(_linear.bias!, .5f, -.5f);
    }

    [Fact]
    public void The_layer_itself() => AssertEqual([-.5f, -1.5f], _linear.forward(_x));

    [Fact]
    public void A_domains_bias_is_added()
    {
        var adapter = new DomainBias(2);
        Set(adapter.bias, 1, 2);
        AssertEqual([.5f, .5f], adapter.Product(_x, _linear));
    }

    [Fact]
    public void Lora_adds_up_times_down()
    {
        var adapter = new LoraAdapter(2, 2, rank: 1, _random);
        Set(adapter.down.weight!, 1, 3); // 1·1 + 3·(−1) = −2
        Set(adapter.up.weight!, 2, -1);  // (−4, 2)
        AssertEqual([-4.5f, .5f], adapter.Product(_x, _linear));
    }

    [Fact]
    public void Star_multiplies_the_weights_and_adds_the_biases()
    {
        var adapter = new StarAdapter(2, 2);
        Set(adapter.change, 1, 0, 0, -.5f); // W ⊙ [[2, 1], [1, ½]] = [[2, 2], [3, 2]], and at x (0, 1)
        Set(adapter.bias, 1, 2);
        AssertEqual([1.5f, 2.5f], adapter.Product(_x, _linear));
    }

    [Fact]
    public void Star_needs_no_bias_of_the_layer()
    {
        Linear plain = nn.Linear(2, 2, hasBias: false);
        Set(plain.weight!, 1, 2, 3, 4);
        var adapter = new StarAdapter(2, 2);
        Set(adapter.bias, 1, 2);
        AssertEqual([0, 1], adapter.Product(_x, plain));
    }

    [Fact]
    public void A_bottleneck_is_added_to_the_layers_output()
    {
        var adapter = new BottleneckAdapter(3, width: 2, _random);
        Randomise(adapter);
        float[] h = [1, -2, 3];
        float[] added = Perceptron(adapter.named_parameters().ToDictionary(p => p.name["bottleneck.".Length..], p => p.parameter), h);
        AssertEqual([.. h.Zip(added, (a, b) => a + b)], adapter.Output(tensor(h).unsqueeze(0)));
    }

    [Fact]
    public void A_gate_is_twice_the_sigmoid_of_a_network_that_sees_domain_and_layer()
    {
        var adapter = new PepNetGate(hidden: 2, count: 3, embedding: 2, width: 4, _random);
        Randomise(adapter);
        float[] h = [2, -3];
        Dictionary<string, Parameter> gate = adapter.gate.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        var seen = new List<float>();
        for (int domain = 0; domain < 3; domain++)
        {
            float[] logits = Perceptron(gate, [.. adapter.domains[domain].data<float>(), .. h]);
            adapter.Enter(domain);
            Tensor gated = adapter.Output(tensor(h).unsqueeze(0));
            AssertEqual([.. h.Zip(logits, (value, logit) => value * 2 / (1 + MathF.Exp(-logit)))], gated);
            seen.Add(gated[0, 0].item<float>());
        }
        Assert.Equal(3, seen.Distinct().Count());
    }

    [Fact]
    public void No_gradient_flows_through_what_a_gate_sees()
    {
        var adapter = new PepNetGate(hidden: 2, count: 1, embedding: 2, width: 4, _random);
        Randomise(adapter);
        Tensor h = tensor(new[,] { { 2f, -3f } }).requires_grad_(true), gated = adapter.Output(h);
        gated.sum().backward();
        AssertEqual((gated / h).data<float>().ToArray(), h.grad!);
    }

    [Fact]
    public void A_kernel_serves_the_mean_and_trains_on_samples()
    {
        var kernel = new IakKernel(new AdaptConfig { Bottleneck = 2, Width = 4 }, hidden: 2, seed: 1);
        Randomise(kernel);
        Tensor h = tensor(new[,] { { 1f, 2f } });
        kernel.eval();
        Tensor served = kernel.Output(h);
        AssertEqual((h + kernel.decoder.forward(kernel.Encode(h).Mean)).data<float>().ToArray(), served);
        AssertEqual(served.data<float>().ToArray(), kernel.Output(h));
        kernel.train();
        Assert.NotEqual(kernel.Output(h).data<float>().ToArray(), kernel.Output(h).data<float>().ToArray());
    }

    [Fact]
    public void The_divergence_agrees_with_a_case_worked_by_hand()
    {
        // ½(σ² + μ² − 1 − ln σ²): (μ, σ²) = (1, 1) → ½; (0, e) → ½(e − 2).
        var q = new Posterior(tensor(new[,] { { 1f, 0f } }), tensor(new[,] { { 0f, 1f } }));
        Assert.Equal((.5 + (Math.E - 2) / 2) / 2, q.Divergence().item<float>(), 1e-6);
    }

    [Fact]
    public void Samples_have_the_posteriors_mean_and_deviation()
    {
        Tensor z = new Posterior(full(20000, 1, 2f), full(20000, 1, (float)Math.Log(9))).Sample(_random);
        Assert.Equal(2, z.mean().item<float>(), .1);
        Assert.Equal(3, z.std().item<float>(), .1);
    }

    public void Dispose()
    {
        _random.Dispose();
        _scope.Dispose();
    }

    // down(relu(up(x))) in plain loops.
    static float[] Perceptron(Dictionary<string, Parameter> weights, float[] x)
    {
        float[] Layer(string name, float[] input)
        {
            float[] bias = weights[name + ".bias"].data<float>().ToArray();
            for (int o = 0; o < bias.Length; o++)
                for (int i = 0; i < input.Length; i++) bias[o] += weights[name + ".weight"][o, i].item<float>() * input[i];
            return bias;
        }
        return Layer("down", [.. Layer("up", x).Select(v => Math.Max(0, v))]);
    }

    void Randomise(nn.Module module)
    {
        using var grad = no_grad();
        foreach (Parameter p in module.parameters()) p.normal_(0, .7, _random);
    }

    static void Set(Tensor parameter, params float[] values)
    {
        using var grad = no_grad();
        parameter.copy_(tensor(values).view(parameter.shape));
    }

    static void AssertEqual(float[] expected, Tensor actual) => Assert.All(expected.Zip(actual.data<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
}
