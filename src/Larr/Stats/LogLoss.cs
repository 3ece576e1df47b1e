namespace Larr.Stats;

/// <summary>Mean negative log likelihood of 0/1 labels, in nats.</summary>
public static class LogLoss
{
    const double Smallest = 1e-7;

    /// <summary>Log loss of <paramref name="probabilities"/>, clipped to [1e-7, 1 − 1e-7] so that one wrong certainty stays finite.</summary>
    public static double Compute(ReadOnlySpan<float> probabilities, ReadOnlySpan<byte> labels)
    {
        double sum = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            double p = Math.Clamp(probabilities[i], Smallest, 1 - Smallest);
            sum -= Math.Log(labels[i] == 1 ? p : 1 - p);
        }
        return sum / labels.Length;
    }
}
