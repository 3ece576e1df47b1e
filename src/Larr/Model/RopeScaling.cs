namespace Larr.Model;

/// <summary>
/// How rotary angles are stretched so that a model reads more tokens than it was first trained on. Numbers and defaults are those of
/// Hugging Face's <c>rope_scaling</c>.
/// </summary>
/// <param name="Factor">How many times longer the texts become.</param>
public abstract record RopeScaling(double Factor)
{
    /// <summary>Turns per position of each pair of dimensions, [d/2], for a text of <paramref name="length"/> tokens.</summary>
    /// <param name="headWidth">d.</param>
    /// <param name="theta">Base of the angles.</param>
    /// <param name="length">Tokens of the whole text; only <see cref="DynamicScaling"/> asks.</param>
    public abstract double[] Frequencies(int headWidth, double theta, int length);

    /// <summary>Factor on cosines and sines.</summary>
    public virtual double Magnitude => 1;

    /// <summary>Plain frequencies: theta^(-2i/d).</summary>
    public static double[] Plain(int headWidth, double theta) =>
        [.. Enumerable.Range(0, headWidth / 2).Select(i => Math.Pow(theta, -2.0 * i / headWidth))];
}

/// <summary>Positions divided by the factor (arXiv 2306.15595).</summary>
public sealed record LinearScaling(double Factor) : RopeScaling(Factor)
{
    /// <inheritdoc/>
    public override double[] Frequencies(int headWidth, double theta, int length) => [.. Plain(headWidth, theta).Select(f => f / Factor)];
}

/// <summary>
/// "Dynamic NTK": beyond the original length the base grows with the text, so that low frequencies stretch and high ones stay. Keys that a
/// cache holds keep the angles of the length they were computed at, as in Hugging Face's code.
/// </summary>
/// <param name="Factor">Longest text as a multiple of the original.</param>
/// <param name="OriginalLength">Up to here angles are plain.</param>
public sealed record DynamicScaling(double Factor, int OriginalLength) : RopeScaling(Factor)
{
    /// <inheritdoc/>
    public override double[] Frequencies(int headWidth, double theta, int length)
    {
        if (length <= OriginalLength) return Plain(headWidth, theta);
        double stretch = Factor * length / OriginalLength - (Factor - 1);
        return Plain(headWidth, theta * Math.Pow(stretch, headWidth / (headWidth - 2.0)));
    }
}

/// <summary>Llama 3's: wavelengths longer than the original text's share are stretched, short ones stay, those between are blended.</summary>
/// <param name="Factor">Stretch of the long waves.</param>
/// <param name="LowFrequencyFactor">Waves longer than the original length by this divisor are stretched.</param>
/// <param name="HighFrequencyFactor">Waves shorter than the original length by this divisor stay.</param>
/// <param name="OriginalLength">Length of the first training.</param>
public sealed record Llama3Scaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalLength) : RopeScaling(Factor)
{
    /// <inheritdoc/>
    public override double[] Frequencies(int headWidth, double theta, int length) => [.. Plain(headWidth, theta).Select(Scale)];

    double Scale(double frequency)
    {
        double turns = OriginalLength * frequency / (2 * Math.PI); // how often the wave fits into the original text
        double kept = Math.Clamp((turns - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
        return (1 - kept) * frequency / Factor + kept * frequency;
    }
}

/// <summary>
/// YaRN (arXiv 2309.00071): dimensions that turn often in the original text keep their frequency, those that hardly turn are stretched, a
/// ramp over the dimensions lies between; attention is sharpened by a factor on cosines and sines.
/// </summary>
/// <param name="Factor">Stretch.</param>
/// <param name="OriginalLength">Length of the first training.</param>
public sealed record YarnScaling(double Factor, int OriginalLength) : RopeScaling(Factor)
{
    /// <summary>Dimensions with more turns than this keep their frequency.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>Dimensions with fewer turns than this are stretched whole.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary>The factor on cosines and sines; null: 0.1 · ln(factor) + 1.</summary>
    public double? AttentionFactor { get; init; }

    /// <summary>Whether the ramp's ends are rounded outwards to whole dimensions.</summary>
    public bool Truncate { get; init; } = true;

    /// <inheritdoc/>
    public override double Magnitude => AttentionFactor ?? (Factor <= 1 ? 1 : 0.1 * Math.Log(Factor) + 1);

    /// <inheritdoc/>
    public override double[] Frequencies(int headWidth, double theta, int length)
    {
        double low = Dimension(BetaFast), high = Dimension(BetaSlow);
        if (Truncate) (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, headWidth - 1));
        if (low == high) high += 0.001;
        return [.. Plain(headWidth, theta).Select((f, i) =>
        {
            double stretched = Math.Clamp((i - low) / (high - low), 0, 1);
            return stretched * f / Factor + (1 - stretched) * f;
        })];

        // The dimension that turns so often in the original text.
        double Dimension(double turns) => headWidth * Math.Log(OriginalLength / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
    }
}
