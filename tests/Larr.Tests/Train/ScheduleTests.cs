using Larr.Train;

namespace Larr.Tests.Train;

public class ScheduleTests
{
    [Fact]
    public void Cosine_rises_then_falls_to_the_floor()
    {
        Assert.Equal(0.25, Schedule.Cosine(0, 4, 104, 0.1));
        Assert.Equal(1, Schedule.Cosine(3, 4, 104, 0.1));
        Assert.Equal(1, Schedule.Cosine(4, 4, 104, 0.1));
        Assert.Equal(0.55, Schedule.Cosine(53, 3, 104, 0.1), 9); // half way: (1 + 0.1) / 2
        Assert.Equal(0.1, Schedule.Cosine(103, 4, 104, 0.1), 9);
        Assert.Equal(0.1, Schedule.Cosine(500, 4, 104, 0.1), 9);
    }

    [Fact]
    public void Warmup_stable_decay_is_level_in_the_middle()
    {
        Assert.Equal(0.5, Schedule.WarmupStableDecay(0, 2, 10, 100, 0));
        Assert.Equal(1, Schedule.WarmupStableDecay(50, 2, 10, 100, 0));
        Assert.Equal(1, Schedule.WarmupStableDecay(89, 2, 10, 100, 0));
        Assert.Equal(0.5, Schedule.WarmupStableDecay(94, 2, 10, 100, 0));
        Assert.Equal(0.2, Schedule.WarmupStableDecay(99, 2, 10, 100, 0.2), 9);
    }

    [Fact]
    public void Rate_is_the_multiplier_times_the_highest_rate()
    {
        var config = new OptimConfig { LearningRate = 2, WarmupShare = 0.1, Floor = 0.5 };
        Assert.Equal(0.2, config.Rate(0, 100), 9);
        Assert.Equal(2, config.Rate(9, 100), 9);
        Assert.Equal(1, config.Rate(99, 100), 9);
    }
}
