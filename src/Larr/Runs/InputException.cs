namespace Larr.Runs;

/// <summary>
/// The user's input is wrong. Its message is one line that names the file, the place in it, the value found
/// and what was expected; the command prints that line and exits with code 2.
/// </summary>
public sealed class InputException : Exception
{
    /// <summary>A complaint about <paramref name="value"/> at <paramref name="place"/> of <paramref name="file"/>.</summary>
    public InputException(string file, string place, string value, string expected)
        : base(OneLine.Of($"{file}: {place}: found {value}; expected {expected}")) { }

    /// <summary>A complaint where there is no value to show, such as a missing file.</summary>
    public InputException(string file, string problem)
        : base(OneLine.Of($"{file}: {problem}")) { }

    /// <summary>Complains about a key of the experiment where <paramref name="right"/> is false.</summary>
    /// <exception cref="InputException">It is.</exception>
    public static void Require(bool right, string key, object? value, string expected)
    {
        if (!right) throw new InputException("experiment", key, $"{value}", expected);
    }

    /// <summary>The beginning of a line of a file, short enough to be the value of a complaint.</summary>
    public static string Excerpt(string line) => line.Length > 60 ? line[..60] + "..." : line;
}
