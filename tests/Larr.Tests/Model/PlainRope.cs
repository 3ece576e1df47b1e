using Larr.Model;

namespace Larr.Tests.Model;

/// <summary>Rotary frequencies once more, pair by pair, in the form in which the papers and Hugging Face's code state them.</summary>
static class PlainRope
{
    /// <summary>Radians per position of pair <paramref name="i"/>, and the factor on cosine and sine.</summary>
    public static (double Frequency, double Magnitude) Of(DecoderConfig c, int i, int length)
    {
        double d = c.HeadWidth, plain = 1 / Math.Pow(c.RopeTheta, 2.0 * i / d);
        switch (c.RopeScaling)
        {
            case LinearScaling linear:
                return (plain / linear.Factor, 1);
            case DynamicScaling dynamic when length > dynamic.OriginalLength:
                double theta = c.RopeTheta * Math.Pow(dynamic.Factor * length / dynamic.OriginalLength - (dynamic.Factor - 1), d / (d - 2));
                return (1 / Math.Pow(theta, 2.0 * i / d), 1);
            case Llama3Scaling llama:
                double wave = 2 * Math.PI / plain, lowWave = llama.OriginalLength / llama.LowFrequencyFactor, highWave = llama.OriginalLength / llama.HighFrequencyFactor;
                if (wave < highWave) return (plain, 1);
                if (wave > lowWave) return (plain / llama.Factor, 1);
                double smooth = (llama.OriginalLength / wave - llama.LowFrequencyFactor) / (llama.HighFrequencyFactor - llama.LowFrequencyFactor);
                return ((1 - smooth) * plain / llama.Factor + smooth * plain, 1);
            case YarnScaling yarn:
                double Correction(double rotations) => d * Math.Log(yarn.OriginalLength / (rotations * 2 * Math.PI)) / (2 * Math.Log(c.RopeTheta));
                double low = Math.Max(Math.Floor(Correction(yarn.BetaFast)), 0), high = Math.Min(Math.Ceiling(Correction(yarn.BetaSlow)), d - 1);
                double ramp = i <= low ? 0 : i >= high ? 1 : (i - low) / (high - low);
                return (plain / yarn.Factor * ramp + plain * (1 - ramp), yarn.AttentionFactor ?? 0.1 * Math.Log(yarn.Factor) + 1);
            default:
                return (plain, 1);
        }
    }
}
