using Larr.Contrast;

namespace Larr.Tests.Contrast;

public sealed class PairSetTests
{
    static Pair Of(int left, int right, int leftId, int rightId, int group = -1, double weight = 1) => new(left, right, leftId, rightId, group, weight);

    static DrawnBatch Drawn(PairKind kind, Pair[] batch, params int[] hard) => new(new(kind, batch), batch, hard);

    [Fact]
    public void Pairs_are_drawn_in_proportion_to_their_weights_and_shares_follow()
    {
        PairSet set = new(PairKind.UserItem, [Of(0, 1, 0, 10, weight: 1), Of(0, 2, 0, 11, weight: 2), Of(3, 2, 1, 11, weight: 5)]);
        Pair[] drawn = set.Draw(20_000, new Random(4));
        Assert.Equal(0.125, drawn.Count(p => p.Right == 1) / 20_000.0, 0.01);
        Assert.Equal(0.625, drawn.Count(p => p.Left == 3) / 20_000.0, 0.01);
        Assert.Equal(0.875, set.RightShare(2), 12);
        Assert.Equal(0.375, set.LeftShare(0), 12);
        Assert.Equal(drawn, set.Draw(20_000, new Random(4)));
    }

    [Fact]
    public void The_same_item_user_or_text_is_no_negative()
    {
        // 0: user 1 → item 10; 1: user 2 → item 10; 2: user 1 → item 11; 3: user 3 → item 12, whose text (8) is that of item 11.
        Pair[] batch = [Of(0, 7, 1, 10), Of(1, 7, 2, 10), Of(0, 8, 1, 11), Of(2, 8, 3, 12)];
        bool[] forward = NegativeMasks.Forward(Drawn(PairKind.UserItem, batch));
        bool[] expected =
        [
            false, true, true, false, // item 10 again; another positive of user 1
            true, false, false, false,
            true, false, false, true, // the text of item 12 is that of item 11
            false, false, true, false,
        ];
        Assert.Equal(expected, forward);
    }

    [Fact]
    public void A_hard_negative_that_is_a_pair_of_the_left_text_is_masked_for_it_alone()
    {
        // Left 0 has the pairs 5 and 6, left 1 has 7; hard negatives 6 and 9.
        PairSet set = new(PairKind.SceneItem, [Of(0, 5, -1, 10), Of(0, 6, -1, 11), Of(1, 7, -2, 12)]);
        Pair[] batch = [set.Pairs[0], set.Pairs[2]];
        Assert.Equal([false, false, true, false, false, false, false, false], NegativeMasks.Forward(new(set, batch, [6, 9])));
    }

    [Fact]
    public void What_a_user_took_is_a_hard_negative_of_none_of_the_users_profiles()
    {
        // User 1 took items 10 and 11, each from a profile that leaves it out (texts 0 and 1); user 2 took item 12.
        PairSet set = new(PairKind.UserItem, [Of(0, 5, 1, 10), Of(1, 6, 1, 11), Of(2, 7, 2, 12)]);
        Assert.False(set.IsPair(0, 6));
        Assert.True(set.IsPositive(set.Pairs[0], 6));
        Assert.False(set.IsPositive(set.Pairs[0], 7));
        Assert.Equal([false, true, false], NegativeMasks.Forward(new(set, [set.Pairs[0]], [6, 7])));
    }

    [Fact]
    public void A_user_is_not_its_own_negative()
    {
        // Users 1 → 2 and 3 → 1: the right side of the second is the left side of the first.
        Pair[] batch = [Of(0, 1, 1, 2), Of(2, 0, 3, 1)];
        Assert.Equal([false, true, false, false], NegativeMasks.Forward(Drawn(PairKind.UserUser, batch)));
        Assert.Equal([false, false, true, false], NegativeMasks.Backward(new(PairKind.UserUser, batch), batch));
    }

    [Fact]
    public void Items_of_one_scene_value_stay_negatives_and_values_of_other_fields_do_not()
    {
        // Value −1 of field 0 with items 10 and 11, value −2 of field 0, value −1 of field 1.
        Pair[] batch = [Of(0, 5, -1, 10, group: 0), Of(0, 6, -1, 11, group: 0), Of(1, 7, -2, 12, group: 0), Of(2, 8, -1, 13, group: 1)];
        Assert.DoesNotContain(true, NegativeMasks.Forward(Drawn(PairKind.SceneItem, batch)));
        Assert.Equal(
            [false, true, false, true, true, false, false, true, false, false, false, true, true, true, true, false],
            NegativeMasks.Backward(new(PairKind.SceneItem, batch), batch));
    }

    [Fact]
    public void Meetings_in_small_baskets_of_rare_things_weigh_more()
    {
        var meetings = new CoOccurrence(4);
        var random = new Random(1);
        meetings.Add([0, 1], random);
        meetings.Add([0, 1, 2], random);
        meetings.Add([3, 3], random); // one thing: no meeting
        // Weights: basket of two 1/log₂3, of three 1/log₂4 = ½.
        double two = 1 / Math.Log2(3), w0 = two + 0.5;
        Dictionary<(int, int), double> best = meetings.Best(5).ToDictionary(p => (p.A, p.B), p => p.Similarity);
        Assert.Equal(3, best.Count);
        Assert.Equal(w0 / w0 * 2 / 4, best[(0, 1)], 12);
        Assert.Equal(0.5 / Math.Sqrt(w0 * 0.5) / 3, best[(0, 2)], 12);
        Assert.Equal(best[(0, 2)], best[(1, 2)], 12);
    }

    [Fact]
    public void Retrieval_by_hand()
    {
        float[][] vectors = [[1, 0], [0, 1], [0.8f, 0.6f], [0.6f, 0.8f], [1, 0]];
        // Query 0 with positives 2 and 3, query 1 with positive 4; candidates 2, 3, 4.
        RetrievalReport report = Retrieval.Measure([(0, 2), (0, 3), (1, 4)], t => vectors[t]);
        // Query 0: the only negative is 4 with score 1: ranks 2 and 2. Query 1: negatives score .6 and .8, the positive 0: rank 3.
        Assert.Equal((3, 3), (report.Pairs, report.Candidates));
        Assert.Equal((0, 1, 1), (report.RecallAt1, report.RecallAt5, report.RecallAt10));
        Assert.Equal((0.5 + 0.5 + 1 / 3.0) / 3, report.MeanReciprocalRank, 12);
        Assert.Equal((2 / Math.Log2(3) + 0.5) / 3, report.NdcgAt10, 12);
        Assert.Equal(1, report.ChanceAt5);
        // Cosines of the pairs .8, .6 and 0, so squared distances .4, .8 and 2; of the right texts .96, .8 and .6.
        Assert.Equal((0.4 + 0.8 + 2) / 3, report.Alignment, 6);
        Assert.Equal(Math.Log((Math.Exp(-2 * 0.08) + Math.Exp(-2 * 0.4) + Math.Exp(-2 * 0.8)) / 3), report.Uniformity, 5);
    }

    [Fact]
    public void A_tie_counts_half()
    {
        float[][] vectors = [[1, 0], [1, 0], [1, 0], [0, 1]];
        RetrievalReport report = Retrieval.Measure([(0, 1), (3, 2)], t => vectors[t]);
        Assert.Equal(1 / 1.5, report.MeanReciprocalRank, 12);
    }
}
