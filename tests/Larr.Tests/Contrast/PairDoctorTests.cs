using Larr.Contrast;

namespace Larr.Tests.Contrast;

public sealed class PairDoctorTests
{
    static PairSet Set(params (int Left, int Right)[] pairs) => new(PairKind.UserItem, pairs.Select(p => new Pair(p.Left, p.Right, p.Left, 100 + p.Right, -1, 1)));

    [Fact]
    public void Healthy_pairs_have_no_warning()
    {
        PairHealth health = PairDoctor.Examine(Set([.. Enumerable.Range(0, 500).Select(i => (i, 1000 + i))]), [(7, 1008)], 8, _ => false);
        Assert.Equal((500, 0, 0, 0), (health.Pairs, health.DuplicateShare, health.LeakedPairs, health.CutShare));
        Assert.InRange(health.EffectiveBatch, 7.5, 8);
        Assert.Empty(health.Warnings);
    }

    [Fact]
    public void A_held_out_pair_that_is_trained_on_is_a_leak()
    {
        PairHealth health = PairDoctor.Examine(Set((0, 5), (1, 6)), [(1, 6), (0, 6)], 2, _ => false);
        Assert.Equal(1, health.LeakedPairs);
        Assert.Contains(health.Warnings, w => w.Contains("1 held-out pairs", StringComparison.Ordinal));
    }

    [Fact]
    public void One_popular_item_makes_a_batch_of_one_and_masks_everything()
    {
        PairHealth health = PairDoctor.Examine(Set((0, 9), (1, 9), (2, 9), (2, 9)), [], 16, t => t == 9);
        Assert.Equal(0.25, health.DuplicateShare, 12);
        Assert.Equal((1, 1), (health.EffectiveBatch, health.MaskedShare));
        Assert.Equal(0.25, health.CutShare, 12); // text 9 of the texts 0, 1, 2 and 9
        Assert.Equal(3, health.Warnings.Count);
    }
}
