namespace Larr.Train;

/// <summary>Course of the learning rate.</summary>
public enum ScheduleKind
{
    /// <summary><see cref="Schedule.Cosine"/>.</summary>
    Cosine,

    /// <summary><see cref="Schedule.WarmupStableDecay"/>.</summary>
    WarmupStableDecay,
}

/// <summary>Multipliers of the learning rate as pure functions of the step, counted from 0.</summary>
public static class Schedule
{
    /// <summary>Linear rise over <paramref name="warmup"/> steps to 1, then half a cosine down to <paramref name="floor"/> at the last step (arXiv 1608.03983).</summary>
    public static double Cosine(long step, long warmup, long total, double floor)
    {
        if (step < warmup) return (step + 1) / (double)warmup;
        double done = Math.Clamp((step - warmup) / (double)Math.Max(1, total - 1 - warmup), 0, 1);
        return floor + (1 - floor) * 0.5 * (1 + Math.Cos(Math.PI * done));
    }

    /// <summary>Linear rise to 1, constant, then over the last <paramref name="decay"/> steps a straight line down to <paramref name="floor"/> (arXiv 2404.06395).</summary>
    public static double WarmupStableDecay(long step, long warmup, long decay, long total, double floor)
    {
        if (step < warmup) return (step + 1) / (double)warmup;
        long left = total - 1 - step;
        return left >= decay ? 1 : floor + (1 - floor) * Math.Max(0, left) / decay;
    }
}
