using Larr.Model;

namespace Larr.Tests.Model;

public class SamplerTests
{
    static readonly float[] logits = [.. new[] { 0.1, 0.5, 0.3, 0.1 }.Select(p => (float)Math.Log(p))];

    [Fact]
    public void Greedy_takes_the_best_and_the_smaller_id_of_two()
    {
        Assert.Equal(1, Sampler.Greedy.Choose(logits));
        Assert.Equal(1, Sampler.Greedy.Choose([0, 2, 2]));
    }

    [Fact]
    public void Draws_have_the_probabilities_of_the_softmax()
    {
        Sampler sampler = Sampler.Nucleus(1, 1, 5);
        int[] counts = Count(sampler, 20000);
        foreach ((double p, int n) in new[] { 0.1, 0.5, 0.3, 0.1 }.Zip(counts)) Assert.Equal(p, n / 20000.0, 0.02);
    }

    [Fact]
    public void The_nucleus_leaves_rare_tokens_out()
    {
        int[] counts = Count(Sampler.Nucleus(1, 0.75, 5), 20000);
        Assert.Equal((0, 0), (counts[0], counts[3]));
        Assert.Equal(5 / 8.0, counts[1] / 20000.0, 0.02);
    }

    [Fact]
    public void A_low_temperature_sharpens()
    {
        int[] counts = Count(Sampler.Nucleus(0.5, 1, 5), 20000);
        Assert.Equal(0.25 / (0.01 + 0.25 + 0.09 + 0.01), counts[1] / 20000.0, 0.02);
    }

    [Fact]
    public void Impossible_settings_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Sampler.Nucleus(0, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sampler.Nucleus(1, 1.1, 1));
    }

    static int[] Count(Sampler sampler, int draws)
    {
        var counts = new int[logits.Length];
        for (int i = 0; i < draws; i++) counts[sampler.Choose(logits)]++;
        return counts;
    }
}
