namespace Larr.Runs;

/// <summary>A complaint as one line that a terminal can print: names and values out of a damaged file may hold any character.</summary>
static class OneLine
{
    /// <summary>The message with its control characters and separators of lines as <c>\uXXXX</c>.</summary>
    public static string Of(string message) =>
        message.Any(Breaks) ? string.Concat(message.Select(c => Breaks(c) ? $"\\u{(int)c:x4}" : c.ToString())) : message;

    static bool Breaks(char c) => char.IsControl(c) || c is '\u2028' or '\u2029';
}
