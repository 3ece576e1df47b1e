using Larr.Align;
using static Larr.Tests.TensorAssert;
using static TorchSharp.torch;

namespace Larr.Tests.Align;

[Collection("torch")]
public sealed class SceneAttentionTests
{
    [Theory]
    [InlineData(1, 1, 1, 3)]
    [InlineData(4, 4, 2, 8)]
    [InlineData(8, 8, 4, 32)]
    [InlineData(8, 1, 4, 32)]
    [InlineData(16, 3, 2, 38)]
    [InlineData(21, 21, 3, 60)]
    public void Values_and_gradients_are_those_of_attention_written_out(int tokens, int answered, int heads, int width)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        const int scenes = 70;
        Tensor projected = randn(scenes, tokens, 3 * width).requires_grad_(), factors = randn(scenes, answered, width);
        Tensor expected = Plain(projected, heads, answered);
        expected.backward([factors]);
        Tensor gradient = projected.grad!.clone();
        projected.grad!.zero_();

        Tensor mixed = SceneAttention.Apply(projected, heads, answered);
        mixed.backward([factors]);
        Near(expected, mixed);
        Near(gradient, projected.grad!);
    }

    [Fact]
    public void Great_scores_do_not_overflow()
    {
        using var scope = NewDisposeScope();
        // One head of width 1: the query is 100, keys are 1 and 2, values 5 and 7. The powers of both scores are beyond float32.
        Tensor mixed = SceneAttention.Apply(tensor(new[, ,] { { { 100f, 1, 5 }, { 0, 2, 7 } } }), 1, 1);
        Assert.Equal(7f, mixed.item<float>());
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor projected = randn(500, 9, 96), factors = randn(500, 9, 32);
        using var threadsBefore = new ThreadCount();
        Assert.Equal(Run(1), Run(3));

        float[] Run(int threads)
        {
            set_num_threads(threads);
            Tensor leaf = projected.clone().requires_grad_(), mixed = SceneAttention.Apply(leaf, 4, 9);
            mixed.backward([factors]);
            return [.. mixed.data<float>(), .. leaf.grad!.data<float>()];
        }
    }

    /// <summary>Attention as one writes it in the tensor library.</summary>
    static Tensor Plain(Tensor projected, int heads, int answered)
    {
        long s = projected.size(0), t = projected.size(1), w = projected.size(2) / 3;
        Tensor[] qkv = projected.view(s, t, 3, heads, w / heads).permute(2, 0, 3, 1, 4).unbind(0); // 3 × [S,H,T,d]
        Tensor weights = (qkv[0].narrow(2, 0, answered).matmul(qkv[1].transpose(-2, -1)) / Math.Sqrt(w / heads)).softmax(-1);
        return weights.matmul(qkv[2]).transpose(1, 2).reshape(s, answered, w);
    }
}
