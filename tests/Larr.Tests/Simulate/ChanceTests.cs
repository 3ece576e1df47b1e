using Larr.Simulate;
using Larr.Stats;

namespace Larr.Tests.Simulate;

public sealed class ChanceTests
{
    [Fact]
    public void Choices_come_in_proportion_to_their_weights()
    {
        float[] weights = [1, 0, 3, 6];
        var choice = new WeightedChoice(weights);
        var chance = new Chance(1, 1);
        int[] counts = new int[4];
        for (int i = 0; i < 100_000; i++) counts[choice.Draw(chance)]++;
        Assert.Equal(0, counts[1]);
        Assert.Equal(0.1, counts[0] / 100_000.0, 0.01);
        Assert.Equal(0.3, counts[2] / 100_000.0, 0.01);
        Assert.Equal(0.6, counts[3] / 100_000.0, 0.01);
    }

    [Fact]
    public void Normal_numbers_have_mean_zero_and_variance_one()
    {
        var chance = new Chance(3, 0);
        float[] numbers = [.. Enumerable.Range(0, 100_000).Select(_ => chance.Gaussian())];
        Assert.Equal(0, numbers.Average(), 0.02);
        Assert.Equal(1, numbers.Average(n => n * n), 0.02);
    }

    [Fact]
    public void Streams_of_a_seed_differ_and_repeat()
    {
        float[] Draw(int seed, int stream)
        {
            var chance = new Chance(seed, stream);
            return [.. Enumerable.Range(0, 10).Select(_ => chance.Uniform())];
        }

        Assert.Equal(Draw(1, 2), Draw(1, 2));
        Assert.NotEqual(Draw(1, 2), Draw(1, 3));
        Assert.NotEqual(Draw(1, 2), Draw(2, 2));
    }

    [Fact]
    public void The_streaming_auc_is_the_exact_one_up_to_its_bins()
    {
        var chance = new Chance(7, 0);
        float[] scores = [.. Enumerable.Range(0, 5000).Select(_ => chance.Uniform())];
        byte[] labels = [.. scores.Select(s => chance.Happens(s) ? (byte)1 : (byte)0)];
        var streaming = new HistogramAuc(0, 1);
        for (int i = 0; i < scores.Length; i++) streaming.Add(scores[i], labels[i] == 1);
        Assert.Equal(Auc.Compute(scores, labels), streaming.Value(), 1e-4);
    }
}
