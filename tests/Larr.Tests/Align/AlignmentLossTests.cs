using Larr.Align;
using static TorchSharp.torch;

namespace Larr.Tests.Align;

[Collection("torch")]
public sealed class AlignmentLossTests
{
    static double Loss(float[,] scene, float[,] item, long[] scenes, long[] items, double temperature = 1)
    {
        using var scope = NewDisposeScope();
        return AlignmentLoss.Compute(new ClickedPairs(tensor(scene), tensor(item), tensor(scenes), tensor(items)), new AlignConfig { Temperature = temperature }).item<float>();
    }

    [Fact]
    public void It_is_log_P_when_all_scores_are_equal()
    {
        float[,] same = { { 1, 0 }, { 1, 0 }, { 1, 0 } };
        Assert.Equal(Math.Log(3), Loss(same, same, [0, 1, 2], [0, 1, 2]), 1e-5);
    }

    [Fact]
    public void Identical_scenes_and_identical_items_are_no_negatives()
    {
        float[,] same = { { 1, 0 }, { 1, 0 }, { 1, 0 } };
        // Pairs 0 and 1 share a scene, 1 and 2 an item: 0 keeps {0, 2}, 1 keeps {1}, 2 keeps {0, 2}.
        Assert.Equal((Math.Log(2) + 0 + Math.Log(2)) / 3, Loss(same, same, [7, 7, 2], [0, 5, 5]), 1e-5);
    }

    [Fact]
    public void It_agrees_with_a_case_worked_by_hand()
    {
        // Cosines [[1, 0], [.6, .8]] at temperature .5: logits [[2, 0], [1.2, 1.6]].
        float[,] scene = { { 2, 0 }, { .6f, .8f } }, item = { { 3, 0 }, { 0, 1 } };
        double rows = (Math.Log(1 + Math.Exp(-2)) + Math.Log(1 + Math.Exp(-.4))) / 2;
        double columns = (Math.Log(1 + Math.Exp(-.8)) + Math.Log(1 + Math.Exp(-1.6))) / 2;
        Assert.Equal((rows + columns) / 2, Loss(scene, item, [0, 1], [0, 1], .5), 1e-5);
    }

    [Fact]
    public void Without_a_click_it_is_zero() => Assert.Equal(0, Loss(new float[0, 2], new float[0, 2], [], []));

    [Fact]
    public void Mean_cosines_leave_out_what_is_no_negative()
    {
        using var scope = NewDisposeScope();
        float[,] scene = { { 1, 0 }, { 0, 1 }, { 0, 1 } }, item = { { 1, 0 }, { 0, 1 }, { 1, 0 } };
        (double positive, double negative) = AlignmentLoss.MeanCosines(new ClickedPairs(tensor(scene), tensor(item), tensor(new long[] { 0, 1, 1 }), tensor(new long[] { 0, 1, 2 })), new AlignConfig());
        Assert.Equal((1 + 1 + 0) / 3.0, positive, 1e-6);
        // Negatives: (0,1) 0, (0,2) 1, (1,0) 0, (2,0) 0.
        Assert.Equal(1 / 4.0, negative, 1e-6);
    }

    [Fact]
    public void Only_clicked_rows_become_pairs()
    {
        using var scope = NewDisposeScope();
        Tensor scenes = tensor(new[,] { { 1f }, { 2f } }), items = tensor(new[,] { { 10f }, { 20f }, { 30f } });
        var pairs = ClickedPairs.Of(scenes, tensor(new long[] { 1, 0, 1 }), items, [4, 5, 6], [1, 0, 1]);
        Assert.Equal([2f, 2f], pairs.Scene.data<float>().ToArray());
        Assert.Equal([10f, 30f], pairs.Signal.data<float>().ToArray());
        Assert.Equal([4L, 6L], pairs.SignalIds.data<long>().ToArray());
    }
}
