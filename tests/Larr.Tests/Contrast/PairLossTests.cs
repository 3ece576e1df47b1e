using Larr.Contrast;
using static TorchSharp.torch;

namespace Larr.Tests.Contrast;

[Collection("torch")]
public sealed class PairLossTests
{
    // Texts 0 and 1 are queries, 2 and 3 their positives, 4 a further right text. Four dimensions.
    static readonly float[,] s_vectors =
    {
        { 1, 0, 0, 0 },
        { 0, 1, 0, 0 },
        { 0.8f, 0, 0.6f, 0 },
        { 0, 0.6f, 0, 0.8f },
        { 0.96f, 0.28f, 0, 0 },
    };

    static readonly Pair[] s_pairs = [new(0, 2, 0, 10, -1, 1), new(1, 3, 1, 11, -1, 1)];

    static double Loss(ContrastConfig config, params int[] hard)
    {
        using var scope = NewDisposeScope();
        PairSet set = new(PairKind.UserItem, [.. s_pairs, new(1, 4, 2, 12, -1, 1)]);
        return PairLoss.Of(new(set, s_pairs, hard), tensor(s_vectors), Enumerable.Range(0, 5).ToDictionary(i => i), tensor(1f), config).Loss.item<float>();
    }

    static double Softmax(double positive, params double[] others) => -Math.Log(Math.Exp(positive) / (Math.Exp(positive) + others.Sum(Math.Exp)));

    static readonly ContrastConfig s_plain = new() { Symmetric = false };

    [Fact]
    public void One_direction_by_hand() =>
        Assert.Equal((Softmax(0.8, 0) + Softmax(0.6, 0)) / 2, Loss(s_plain), 1e-5);

    [Fact]
    public void A_hard_negative_counts_for_whom_it_is_no_pair() =>
        Assert.Equal((Softmax(0.8, 0, 0.96) + Softmax(0.6, 0)) / 2, Loss(s_plain, 4), 1e-5);

    [Fact]
    public void A_key_nearer_than_the_positive_by_the_margin_is_masked()
    {
        Assert.Equal((Softmax(0.8, 0) + Softmax(0.6, 0)) / 2, Loss(s_plain with { FalseNegativeMargin = 0.1 }, 4), 1e-5);
        Assert.Equal((Softmax(0.8, 0, 0.96) + Softmax(0.6, 0)) / 2, Loss(s_plain with { FalseNegativeMargin = 0.2 }, 4), 1e-5);
    }

    [Fact]
    public void Every_width_has_its_loss_of_renormalised_vectors()
    {
        // In the first two dimensions the positives are (.8, 0) and (0, .6), so both cosines become 1.
        double full = (Softmax(0.8, 0) + Softmax(0.6, 0)) / 2, two = Softmax(1, 0);
        Assert.Equal((full + two) / 2, Loss(s_plain with { Widths = [2] }), 1e-5);
    }
}
