using BenchmarkDotNet.Attributes;
using Larr.Ctr.Backbones;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Benchmarks;

/// <summary>DIN's local activation unit over each row's own history, forward and backward: the tensor library's operations, and ours.</summary>
public class LocalActivationBenchmarks
{
    const int Rows = 2048, Dimension = 16, Width = 36;

    Linear _attend = null!, _weigh = null!;
    Tensor _target = null!, _history = null!, _mask = null!;

    [Params(10, 50)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Make()
    {
        OneThread.Prepare();
        _attend = nn.Linear(4 * Dimension, Width);
        _weigh = nn.Linear(Width, 1);
        _target = randn(Rows, Dimension).requires_grad_();
        _history = randn(Rows, Length, Dimension).requires_grad_();
        _mask = (rand(Rows, Length) < .8).to(float32);
    }

    [Benchmark(Baseline = true)]
    public void Operations() => OneThread.Differentiate(() =>
    {
        Tensor query = _target.unsqueeze(1).expand_as(_history); // [B,L,d]
        Tensor pairs = cat([query, _history, query - _history, query * _history], -1); // [B,L,4d]
        Tensor weights = _weigh.forward(_attend.forward(pairs).relu()).squeeze(-1) * _mask; // [B,L]
        return weights.unsqueeze(1).matmul(_history).squeeze(1); // [B,d]
    });

    [Benchmark]
    public void Unit() => OneThread.Differentiate(() => LocalActivation.Apply(_target, _history, _mask, _attend, _weigh));
}
