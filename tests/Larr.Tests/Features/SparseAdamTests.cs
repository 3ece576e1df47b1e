using Larr.Features;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Tests.Features;

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

    [Theory]
    [InlineData(0, 50)]
    [InlineData(.1, 50)]
    [InlineData(0, 400)] // longer than momentum lives: the second moment has decayed by a third
    public void Rows_that_steps_miss_follow_dense_adam_too(double l2, int pause)
    {
        EmbeddingTable table = new(Rows, Dimension, .5f, seed: 3);
        using var scope = NewDisposeScope();
        var dense = new Parameter(tensor(table.Weights).view(Rows, Dimension));
        using optim.Optimizer reference = optim.Adam([dense], .01, weight_decay: l2);
        var sparse = new SparseAdam(table, .01f, (float)l2);
        var random = new Random(5);
        for (int step = 0; step < pause + 10; step++)
        {
            // Row 4 comes once, row 3 after a long pause, row 0 never.
            int[] ids = step == 0 ? [4, 3, 1] : step == pause ? [3, 2] : [1 + random.Next(2), 1];
            Tensor target = randn(ids.Length, Dimension);
            reference.zero_grad();
            (dense.index_select(0, tensor(ids, int64)) - target).square().sum().backward();
            reference.step();

            sparse.Prepare(ids);
            Tensor gathered = table.Gather(ids, CPU, requiresGrad: true);
            (gathered - target).square().sum().backward();
            sparse.Step(ids, gathered.grad!);
        }
        sparse.Settle();
        float[] expected = dense.data<float>().ToArray();
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], table.Weights[i], 2e-5f);
    }

    [Fact]
    public void Without_regularisation_a_row_that_was_never_touched_keeps_its_bits()
    {
        EmbeddingTable table = new(Rows, Dimension, .5f, seed: 3);
        float[] before = [.. table.Weights];
        var adam = new SparseAdam(table, .01f);
        using Tensor gradient = full(1, Dimension, 1f);
        for (int step = 0; step < 9; step++) adam.Step([2], gradient);
        adam.Settle();
        foreach (int row in new[] { 0, 1, 3, 4 }) Assert.Equal(before.AsSpan(row * Dimension, Dimension).ToArray(), table.Row(row).ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_saved_optimizer_goes_on_with_the_same_bits(bool adagrad)
    {
        SparseOptimizer Make(EmbeddingTable table) => adagrad ? new SparseAdagrad(table, .1f, .01f) : new SparseAdam(table, .1f, .01f);
        EmbeddingTable whole = new(Rows, Dimension, .5f, seed: 3), second = new(Rows, Dimension, .5f, seed: 4);
        SparseOptimizer one = Make(whole);
        using Tensor gradient = ones(2, Dimension);
        for (int step = 0; step < 5; step++) one.Step([step % Rows, 1], gradient);
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        one.Save(writer);
        whole.Weights.CopyTo(second.Weights, 0);
        memory.Position = 0;
        SparseOptimizer two = Make(second);
        using var reader = new BinaryReader(memory);
        two.Load(reader);
        foreach (SparseOptimizer optimizer in new[] { one, two })
        {
            optimizer.Step([3, 1], gradient);
            optimizer.Settle();
        }
        Assert.Equal(whole.Weights, second.Weights);
    }

    [Fact]
    public void Adagrad_divides_by_the_root_of_a_rows_mean_squares_and_decays_a_row_for_each_step_it_missed()
    {
        var table = new EmbeddingTable(2, [1f, 1f, 1f, 1f]);
        var adagrad = new SparseAdagrad(table, .1f, l2: .5f);
        using Tensor first = tensor(new[] { 3f, 1f }).view(1, 2), second = tensor(new[] { 2f, 2f }).view(1, 2);
        const double start = 1e-6;
        // Step 1: an empty accumulator decays by max(0, 1 − .1·.5/√1e-6) = 0; then G = (9 + 1) / 2 = 5 and w = −.1·g/√5.
        adagrad.Step([0], first);
        double g = 5 + start, w0 = -.3 / Math.Sqrt(g), w1 = -.1 / Math.Sqrt(g);
        // Steps 2 and 3 miss row 0: two decays. Step 4 decays once more, then G = 5 + 4.
        adagrad.Step([1], second);
        adagrad.Step([1], second);
        adagrad.Step([0], second);
        double decay = Math.Pow(1 - .05 / Math.Sqrt(g), 3), after = .2 / Math.Sqrt(9 + start);
        Assert.Equal(w0 * decay - after, table.Weights[0], 1e-5);
        Assert.Equal(w1 * decay - after, table.Weights[1], 1e-5);
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
