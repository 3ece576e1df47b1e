using BenchmarkDotNet.Attributes;
using Larr.Ctr.Backbones;
using static TorchSharp.torch;

namespace Larr.Benchmarks;

/// <summary>Attention of each row's queries over its own history, forward and backward: the tensor library's operations, and ours.</summary>
public class TargetPoolingBenchmarks
{
    const int Rows = 2048, Heads = 2, Dimension = 16;

    Tensor _queries = null!, _history = null!, _mask = null!;

    [Params(40, 200)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Make()
    {
        OneThread.Prepare();
        _queries = randn(Rows, Heads, Dimension).requires_grad_();
        _history = randn(Rows, Length, Dimension).requires_grad_();
        _mask = (rand(Rows, Length) < .8).to(float32);
    }

    [Benchmark(Baseline = true)]
    public void Operations() => OneThread.Differentiate(() =>
    {
        Tensor scores = _queries.matmul(_history.transpose(1, 2)) + (_mask - 1).mul(1e9).unsqueeze(1); // [B,h,L]
        return (scores.softmax(-1) * _mask.unsqueeze(1)).matmul(_history); // [B,h,d]
    });

    [Benchmark]
    public void Pooling() => OneThread.Differentiate(() => TargetPooling.Apply(_queries, _history, _mask));
}
