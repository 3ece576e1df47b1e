using CsCheck;
using Larr.Stats;

namespace Larr.Tests.Stats;

public sealed class MetricTests
{
    [Fact]
    public void Auc_counts_concordant_pairs_and_half_of_the_ties()
    {
        // Positives .8 .4, negatives .4 .1: pairs (.8,.4) 1, (.8,.1) 1, (.4,.4) ½, (.4,.1) 1.
        Assert.Equal(3.5 / 4, Auc.Compute([.8f, .4f, .4f, .1f], [1, 1, 0, 0]));
    }

    [Fact]
    public void Auc_of_one_class_is_not_a_number() => Assert.True(double.IsNaN(Auc.Compute([.1f, .2f], [1, 1])));

    [Fact]
    public void Auc_refuses_a_score_that_is_not_a_number() => Assert.Throws<ArgumentException>(() => Auc.Compute([.1f, float.NaN], [1, 0]));

    [Fact]
    public void Auc_agrees_with_counting_every_pair()
    {
        Gen.Select(Gen.Int[0, 9], Gen.Byte[0, 1]).Array[2, 60].Sample(rows =>
        {
            float[] scores = [.. rows.Select(r => (float)r.Item1)];
            byte[] labels = [.. rows.Select(r => r.Item2)];
            double pairs = 0, won = 0;
            for (int i = 0; i < rows.Length; i++)
            {
                for (int j = 0; j < rows.Length; j++)
                {
                    if (labels[i] != 1 || labels[j] != 0) continue;
                    pairs++;
                    won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? .5 : 0;
                }
            }
            double auc = Auc.Compute(scores, labels);
            Assert.True(pairs == 0 ? double.IsNaN(auc) : Math.Abs(auc - (won / pairs)) < 1e-12);
        });
    }

    [Fact]
    public void Group_auc_weighs_groups_by_size_and_skips_groups_of_one_class()
    {
        // Group 1 (3 rows): AUC ½. Group 2 (2 rows): AUC 1. Group 3: one class.
        float[] scores = [.5f, .9f, .1f, .3f, .2f, .7f];
        byte[] labels = [1, 0, 0, 1, 0, 1];
        Assert.Equal(((3 * .5) + (2 * 1)) / 5, GroupAuc.Compute(scores, labels, [1, 1, 1, 2, 2, 3]), 12);
        Assert.Equal(1, GroupAuc.OneClass(labels, [1, 1, 1, 2, 2, 3]));
        Assert.Equal(2, GroupAuc.OneClass([0, 0, 1], [7, 7, 8]));
    }

    [Fact]
    public void Log_loss_of_even_odds_is_log_two() => Assert.Equal(Math.Log(2), LogLoss.Compute([.5f, .5f], [1, 0]), 12);

    [Fact]
    public void Log_loss_of_a_wrong_certainty_is_finite() => Assert.True(double.IsFinite(LogLoss.Compute([1f], [0])));

    [Fact]
    public void Relative_improvement_counts_from_one_half() => Assert.Equal(.5, RelaImpr.Compute(.65, .6), 12);

    [Fact]
    public void Streamed_auc_is_the_exact_one_whatever_the_parts()
    {
        Gen.Select(Gen.Select(Gen.Int[-5, 9], Gen.Byte[0, 1]).Array[2, 80], Gen.Int[1, 20]).Sample((rows, size) =>
        {
            float[] scores = [.. rows.Select(r => r.Item1 / 4f)];
            byte[] labels = [.. rows.Select(r => r.Item2)];
            var streamed = new StreamingAuc();
            for (int start = 0; start < rows.Length; start += size)
            {
                int end = Math.Min(rows.Length, start + size);
                streamed.Add(scores.AsSpan(start, end - start), labels.AsSpan(start, end - start));
            }
            double exact = Auc.Compute(scores, labels), got = streamed.Compute();
            Assert.True(double.IsNaN(exact) ? double.IsNaN(got) : Math.Abs(exact - got) < 1e-12);
        });
    }

    [Fact]
    public void Streamed_auc_in_bounded_memory_comes_close()
    {
        var random = new Random(1);
        float[] scores = [.. Enumerable.Range(0, 50_000).Select(_ => random.NextSingle())];
        byte[] labels = [.. scores.Select(s => random.NextSingle() < s ? (byte)1 : (byte)0)];
        var streamed = new StreamingAuc(bits: 18);
        streamed.Add(scores, labels);
        Assert.InRange(streamed.Cells, 100, 20_000);
        Assert.Equal(Auc.Compute(scores, labels), streamed.Compute(), 1e-4);
        Assert.Throws<ArgumentException>(() => streamed.Add([float.NaN], [1]));
    }

    [Fact]
    public void Calibration_compares_predicted_with_observed()
    {
        // Bin [.2,.3): .2 .25 .25, one of three positive: |.23333 − .33333|·3. Bin [.9,1]: .9 1, both positive: |.95 − 1|·2.
        Calibration calibration = Calibration.Of([.2f, 1f, .25f, .9f, .25f], [0, 1, 1, 1, 0]);
        Assert.Equal((.1 * 3 + .05 * 2) / 5, calibration.Ece, 6);
        Assert.Equal(2.6 / 3, calibration.Ratio!.Value, 6);
        Assert.Equal([.2, .25, .25, .9, 1], calibration.Deciles.Select(d => Math.Round(d.Predicted, 5)));
        Assert.Equal(5, calibration.Deciles.Sum(d => d.Rows));
        Assert.Null(Calibration.Of([.5f], [0]).Ratio);
    }

    [Fact]
    public void Ndcg_discounts_by_rank_within_groups_and_shares_ties()
    {
        // Group 1: positive at rank 2 of 3: 1/log2(3). Group 2: the positive tied with the negative: (1 + 1/log2(3))/2. Group 3 has none.
        double second = 1 / Math.Log2(3), expected = (second + (1 + second) / 2) / 2;
        Assert.Equal(expected, GroupNdcg.Compute([.9f, .8f, .1f, .5f, .5f, .3f], [0, 1, 0, 1, 0, 0], [1, 1, 1, 2, 2, 3], 10), 12);
        // At depth 1 the positive at rank 2 is not seen.
        Assert.Equal((0 + .5) / 2, GroupNdcg.Compute([.9f, .8f, .1f, .5f, .5f, .3f], [0, 1, 0, 1, 0, 0], [1, 1, 1, 2, 2, 3], 1), 12);
        Assert.True(double.IsNaN(GroupNdcg.Compute([.3f], [0], [1], 10)));
    }
}
