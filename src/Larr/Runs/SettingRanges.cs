namespace Larr.Runs;

/// <summary>Checks of an experiment's settings that no type can make; each complaint names the whole key.</summary>
/// <param name="place">Key of the record that the settings are in, such as <c>ctr</c> or <c>pretrain.optim</c>.</param>
readonly struct SettingRanges(string place)
{
    /// <summary>Complains where <paramref name="right"/> is false.</summary>
    /// <exception cref="InputException">It is.</exception>
    public void Check(bool right, string key, object? value, string expected) => InputException.Require(right, $"{place}.{key}", value, expected);

    /// <summary>A whole number from <paramref name="least"/> on.</summary>
    public void AtLeast(int least, int value, string key) => Check(value >= least, key, value, $"{least} or more");

    /// <summary>A finite number above 0.</summary>
    public void Positive(double value, string key) => Check(value > 0 && double.IsFinite(value), key, value, "a number above 0");

    /// <summary>A finite number from 0 on.</summary>
    public void NotNegative(double value, string key) => Check(value >= 0 && double.IsFinite(value), key, value, "0 or more");

    /// <summary>From 0 to 1.</summary>
    public void Share(double value, string key) => Check(value is >= 0 and <= 1, key, value, "0 to 1");

    /// <summary>From 0 on, below 1.</summary>
    public void ShareBelowOne(double value, string key) => Check(value is >= 0 and < 1, key, value, "0 or more, below 1");
}
