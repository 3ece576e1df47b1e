using Larr.Adapt;
using Larr.Align;
using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Ctr.Layers;
using Larr.Data;
using Larr.Features;
using Larr.Tests.Ctr;
using static TorchSharp.torch;

namespace Larr.Tests.Adapt;

/// <summary>What holds for every method that adds something to a frozen model.</summary>
[Collection("torch")]
public sealed class DomainAdaptersTests : IDisposable
{
    const int Domains = 4;
    static readonly AdaptConfig s_config = new() { Bottleneck = 4, Width = 8, BatchSize = 128, LearningRate = 1e-2 };
    static readonly CtrConfig s_ctr = new() { EmbeddingDimension = 4, Hidden = [24, 16] };
    readonly PlantedTable _planted = new(600);
    readonly CtrModel _model;
    readonly CtrInputs _inputs;

    public DomainAdaptersTests()
    {
        FeatureMap map = FeatureMap.Build(_planted.Table, CtrInputs.FieldsOf(_planted.Table, s_ctr), 1);
        _model = new CtrModel(s_ctr, new AlignConfig { Scene = SceneAggregation.MeanPool }, map, _planted.Table, _planted.Vectors, seed: 1);
        _inputs = new CtrInputs(_planted.Table, s_ctr, map, _planted.Vectors);
    }

    public static TheoryData<AdaptMethod> Methods =>
        [AdaptMethod.DomainBias, AdaptMethod.Lora, AdaptMethod.BottleneckAdapter, AdaptMethod.Star, AdaptMethod.PepNetGate, AdaptMethod.Iak];

    HiddenAdapter New(AdaptMethod method, int layers = 2) => DomainAdapters.Create(s_config with { Method = method, Layers = layers }, _model.Hidden!, Domains, seed: 3);

    DomainRows Rows(int domain, Part part = Part.Train) =>
        new(_model, _inputs, domain, [.. _planted.Table.RowsOf(part).Where(r => _planted.Table.Codes("domain")[r] == domain)]);

    [Theory]
    [MemberData(nameof(Methods))]
    public void New_ones_leave_every_bit_of_the_frozen_model(AdaptMethod method)
    {
        using DomainRows rows = Rows(domain: 1);
        float[] frozen = rows.Predict(_model, null).Click;
        for (int layers = 1; layers <= 2; layers++)
        {
            using HiddenAdapter adapter = New(method, layers);
            Assert.Equal(frozen, rows.Predict(_model, adapter).Click);
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Only_the_domains_that_are_served_with_one_change(AdaptMethod method)
    {
        int[] rows = _planted.Table.RowsOf(Part.Test), domains = Columns.Pick(_planted.Table.Codes("domain"), rows);
        using var frozen = new AdaptedModel(_model);
        using var adapted = new AdaptedModel(_model);
        HiddenAdapter adapter = New(method);
        using (no_grad())
            foreach (TorchSharp.Modules.Parameter p in adapter.parameters()) p.add_(.3f);
        adapted.Activate("domain 1", adapter);
        CtrPredictions before = frozen.Predict(_inputs, rows), after = adapted.Predict(_inputs, rows);
        for (int i = 0; i < rows.Length; i++) Assert.Equal(domains[i] != 1, before.Click[i] == after.Click[i]);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Gradients_reach_all_of_the_adapter_and_nothing_else(AdaptMethod method)
    {
        Freeze();
        using DomainRows rows = Rows(domain: 1);
        using HiddenAdapter adapter = New(method);
        using (no_grad())
            foreach (TorchSharp.Modules.Parameter p in adapter.parameters()) p.add_(.1f);
        using var scope = NewDisposeScope();
        adapter.train();
        rows.Loss(_model, adapter, [.. Enumerable.Range(0, rows.Rows.Length)]).backward();
        Assert.All(_model.parameters(), p => Assert.Null(p.grad));
        Assert.All(adapter.named_parameters(), p => Assert.True(p.parameter.grad is { } g && g.abs().max().item<float>() > 0, p.name));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Training_lowers_the_loss_and_leaves_the_model_alone(AdaptMethod method)
    {
        Freeze();
        float[][] weights = [.. _model.parameters().Select(p => p.data<float>().ToArray())];
        float[] embeddings = [.. _model.Embeddings.Weights];
        using DomainRows rows = Rows(domain: 1);
        using HiddenAdapter adapter = New(method);
        double Loss()
        {
            float[] p = rows.Predict(_model, adapter).Click;
            return Larr.Stats.LogLoss.Compute(p, Columns.Pick(_planted.Table.Labels, rows.Rows));
        }
        double before = Loss();
        using (var training = new AdapterTraining(_model, adapter, s_config, [rows], seed: 1))
            for (int epoch = 1; epoch <= 5; epoch++) training.Epoch(epoch, CancellationToken.None);
        Assert.True(Loss() < before - .01, $"{before} to {Loss()}");
        Assert.Equal(weights, _model.parameters().Select(p => p.data<float>().ToArray()));
        Assert.Equal(embeddings, _model.Embeddings.Weights);
    }

    [Fact]
    public void Compression_trains_the_encoders_alone_and_fixes_them()
    {
        Freeze();
        using DomainRows rows = Rows(domain: 1);
        using HiddenAdapter adapter = New(AdaptMethod.Iak);
        float[] frozen = rows.Predict(_model, null).Click;
        Dictionary<string, float[]> before = adapter.named_parameters().ToDictionary(p => p.name, p => p.parameter.data<float>().ToArray());
        Compression.Run(_model, adapter, s_config with { CompressionEpochs = 1 }, rows, seed: 1, CancellationToken.None);
        foreach ((string name, TorchSharp.Modules.Parameter p) in adapter.named_parameters())
        {
            bool encoder = name.Contains("encoder", StringComparison.Ordinal);
            Assert.Equal(!encoder, before[name].SequenceEqual(p.data<float>().ToArray()));
            Assert.Equal(!encoder, p.requires_grad);
        }
        Assert.Equal(frozen, rows.Predict(_model, adapter).Click);
    }

    [Fact]
    public void A_weightier_divergence_brings_the_posterior_nearer_to_the_prior()
    {
        Freeze();
        using DomainRows rows = Rows(domain: 1);
        using var random = new Generator(1);
        using Tensor h = rand([50, 16], generator: random);
        double Divergence(double beta)
        {
            using var scope = NewDisposeScope();
            using HiddenAdapter adapter = New(AdaptMethod.Iak);
            Compression.Run(_model, adapter, s_config with { CompressionEpochs = 5, Beta = beta }, rows, seed: 1, CancellationToken.None);
            return ((IakKernel)adapter.At(1)!).Encode(h).Divergence().item<float>();
        }
        Assert.True(Divergence(1) < .5 * Divergence(0));
    }

    [Fact]
    public void Every_method_has_as_many_values_as_a_kernel_as_far_as_its_form_allows()
    {
        // One layer of 16 values on 24. A kernel: 8·(16 + 1) + 8·(8 + 1) + 8·(4 + 1) + 16·(8 + 1) = 392.
        Assert.Equal(392, DomainAdapters.KernelValues(s_config, 16));
        Dictionary<AdaptMethod, long> values = Methods.Select(m => m.Data).ToDictionary(m => m, m => New(m, layers: 1).Parameters);
        Assert.Equal(392, values[AdaptMethod.Iak]);
        Assert.Equal(400, values[AdaptMethod.Lora]); // rank 10 of 24 + 16
        Assert.Equal(379, values[AdaptMethod.BottleneckAdapter]); // 11 · (2·16 + 1) + 16
        Assert.Equal(1586, values[AdaptMethod.PepNetGate]); // of all four domains together: 4·4 + 42 · (4 + 2·16 + 1) + 16
        Assert.Equal(24 * 16 + 16, values[AdaptMethod.Star]);
        Assert.Equal(16, values[AdaptMethod.DomainBias]);
    }

    public void Dispose()
    {
        _model.Dispose();
        _planted.Dispose();
    }

    void Freeze()
    {
        foreach (TorchSharp.Modules.Parameter p in _model.parameters()) p.requires_grad = false;
    }
}
