using Larr.Align;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Tests.Align;

[Collection("torch")]
public sealed class SparseAdamTests
{
    const int Rows = 5, Dimension = 11; // 11: one whole vector and a rest on every machine

    [Fact]
    public void Rows_touched_in_every_step_follow_dense_adam()
    {
        EmbeddingTable table = new(Rows, Dimension, .5f, seed: 3);
        using var scope = NewDisposeScope();
        var dense = new Parameter(tensor(table.Weights).view(Rows, Dimension));
        using optim.Optimizer reference = optim.Adam([dense], .01, weight_decay: .1);
        var sparse = new SparseAdam(table, .01f, l2: .1f);
        int[] ids = [4, 0, 2, 1, 3, 0];
        Tensor target = randn(ids.Length, Dimension);
        for (int step = 0; step < 20; step++)
        {
            reference.zero_grad();
            (dense.index_select(0, tensor(ids, int64)) - target).square().sum().backward();
            reference.step();

            Tensor gathered = table.Gather(ids, CPU, requiresGrad: true);
            (gathered - target).square().sum().backward();
            sparse.Step(ids, gathered.grad!);
        }
        float[] expected = dense.data<float>().ToArray();
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], table.Weights[i], 1e-5f);
    }

    [Fact]
    public void A_row_sees_the_adam_of_its_own_steps_and_untouched_rows_keep_their_bits()
    {
        EmbeddingTable often = new(Rows, Dimension, .5f, seed: 3), rare = new(Rows, Dimension, .5f, seed: 3);
        float[] before = [.. rare.Weights];
        SparseAdam oftenAdam = new(often, .01f), rareAdam = new(rare, .01f);
        using var scope = NewDisposeScope();
        for (int step = 0; step < 9; step++)
        {
            Tensor gradient = full(1, Dimension, step % 3 + 1f);
            if (step % 3 == 0) rareAdam.Step([2], gradient);
            else rareAdam.Step([4], gradient);
        }
        for (int step = 0; step < 3; step++) oftenAdam.Step([2], full(1, Dimension, 1f));
        Assert.Equal(often.Row(2).ToArray(), rare.Row(2).ToArray());
        foreach (int row in new[] { 0, 1, 3 }) Assert.Equal(before.AsSpan(row * Dimension, Dimension).ToArray(), rare.Row(row).ToArray());
    }

    [Fact]
    public void The_first_step_is_the_step_size_in_the_gradients_direction()
    {
        var table = new EmbeddingTable(2, [1f, 1f, 5f, 5f]);
        using Tensor gradient = tensor(new[] { .3f, -7f, 9f, 9f }).view(2, 2);
        new SparseAdam(table, .1f).Step([0, -1], gradient);
        Assert.Equal(.9f, table.Weights[0], 1e-5f);
        Assert.Equal(1.1f, table.Weights[1], 1e-5f);
        Assert.Equal([5f, 5f], table.Row(1).ToArray());
    }

    [Fact]
    public void A_negative_id_gathers_zeros()
    {
        var table = new EmbeddingTable(2, [1f, 2f, 3f, 4f]);
        using Tensor gathered = table.Gather([1, -1, 0], CPU, requiresGrad: false);
        Assert.Equal([3f, 4f, 0f, 0f, 1f, 2f], gathered.data<float>().ToArray());
    }
}
