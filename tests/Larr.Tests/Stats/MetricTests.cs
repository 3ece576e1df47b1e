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
    }

    [Fact]
    public void Log_loss_of_even_odds_is_log_two() => Assert.Equal(Math.Log(2), LogLoss.Compute([.5f, .5f], [1, 0]), 12);

    [Fact]
    public void Log_loss_of_a_wrong_certainty_is_finite() => Assert.True(double.IsFinite(LogLoss.Compute([1f], [0])));

    [Fact]
    public void Relative_improvement_counts_from_one_half() => Assert.Equal(.5, RelaImpr.Compute(.65, .6), 12);
}
