using BenchmarkDotNet.Attributes;
using Larr.Align;
using static TorchSharp.torch;

namespace Larr.Benchmarks;

/// <summary>Attention among the eight tokens of each scene of a batch, forward and backward: the tensor library's operations, and ours.</summary>
public class SceneAttentionBenchmarks
{
    const int Scenes = 2048, Tokens = 8, Heads = 4, Width = 32;

    Tensor _projected = null!;

    [GlobalSetup]
    public void Make()
    {
        OneThread.Prepare();
        _projected = randn(Scenes, Tokens, 3 * Width).requires_grad_();
    }

    [Benchmark(Baseline = true)]
    public void Operations() => OneThread.Differentiate(() =>
    {
        Tensor[] qkv = _projected.view(Scenes, Tokens, 3, Heads, Width / Heads).permute(2, 0, 3, 1, 4).unbind(0); // 3 × [S,H,T,d]
        Tensor weights = qkv[0].matmul(qkv[1].transpose(-2, -1)).mul_(1 / Math.Sqrt(Width / Heads)).softmax(-1);
        return weights.matmul(qkv[2]).transpose(1, 2).reshape(Scenes, Tokens, Width);
    });

    [Benchmark]
    public void Fused() => OneThread.Differentiate(() => SceneAttention.Apply(_projected, Heads, Tokens));
}
