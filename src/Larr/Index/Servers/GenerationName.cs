using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Larr.Runs;

namespace Larr.Index.Servers;

/// <summary>
/// Name of a generation on a server: <c>NAME-000007-1f2e3d4c</c>. The token at the end is drawn anew for each attempt, so that two writers never
/// write into the same generation, and a repeated creation that finds the name taken has found its own work.
/// </summary>
/// <param name="Name">The whole name.</param>
/// <param name="Number">Number of the generation, from 1.</param>
public sealed partial record GenerationName(string Name, int Number)
{
    /// <summary>A new name.</summary>
    public static GenerationName New(string prefix, int number) =>
        new($"{prefix}-{number:D6}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}", number);

    /// <summary>Reads a name; null where it is not one of this prefix.</summary>
    public static GenerationName? Parse(string prefix, string name) =>
        name.StartsWith(prefix + "-", StringComparison.Ordinal) && Rest().Match(name[(prefix.Length + 1)..]) is { Success: true } match
            ? new GenerationName(name, int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture))
            : null;

    /// <summary>Refuses a prefix that a server might understand otherwise than we do.</summary>
    public static void CheckPrefix(string prefix)
    {
        if (!Prefix().IsMatch(prefix)) throw new InputException("index.server", "name", $"\"{prefix}\"", "1 to 40 lower-case letters, digits, '_' or '-', a letter first");
    }

    [GeneratedRegex("^([0-9]{6,9})-[0-9a-f]{8}$", RegexOptions.CultureInvariant)]
    private static partial Regex Rest();

    [GeneratedRegex("^[a-z][a-z0-9_-]{0,39}$", RegexOptions.CultureInvariant)]
    private static partial Regex Prefix();
}
