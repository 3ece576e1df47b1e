using BenchmarkDotNet.Attributes;
using Larr.Align;
using static TorchSharp.torch;

namespace Larr.Benchmarks;

/// <summary>The alignment loss of a batch's pairs from their cosines, with masks of equal scenes and equal items, forward and backward: the tensor library's operations, and ours.</summary>
public class SymmetricInfoNceBenchmarks
{
    const double Temperature = .1;

    Tensor _cosines = null!;
    long[] _scenes = null!, _items = null!;

    [Params(400, 1300)]
    public int Pairs { get; set; }

    [GlobalSetup]
    public void Make()
    {
        OneThread.Prepare();
        _cosines = (rand(Pairs, Pairs) * 2 - 1).requires_grad_();
        var random = new Random(1);
        _scenes = [.. Enumerable.Range(0, Pairs).Select(_ => random.NextInt64(2 * Pairs))];
        _items = [.. Enumerable.Range(0, Pairs).Select(_ => random.NextInt64(Pairs / 4))];
    }

    [Benchmark(Baseline = true)]
    public void Operations() => OneThread.Differentiate(() =>
    {
        Tensor same = Same(_scenes).logical_or(Same(_items)).logical_and(eye(Pairs, dtype: ScalarType.Bool).logical_not());
        Tensor scores = _cosines.div(Temperature).masked_fill(same, float.NegativeInfinity), own = arange(Pairs);
        return (nn.functional.cross_entropy(scores, own) + nn.functional.cross_entropy(scores.t(), own)) / 2;
    });

    [Benchmark]
    public void Fused() => OneThread.Differentiate(() => SymmetricInfoNce.Loss(_cosines, Temperature, _scenes, _items));

    static Tensor Same(long[] numbers)
    {
        Tensor all = tensor(numbers);
        return all.unsqueeze(0).eq(all.unsqueeze(1));
    }
}
