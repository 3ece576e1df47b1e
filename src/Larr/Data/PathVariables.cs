using System.Text.RegularExpressions;
using Larr.Runs;

namespace Larr.Data;

/// <summary>Expands <c>${NAME}</c> in paths: first the given variables, then the environment.</summary>
static partial class PathVariables
{
    /// <summary>Absolute path of <paramref name="path"/>; a relative one starts at <paramref name="baseFolder"/>.</summary>
    public static string Expand(string path, string baseFolder, string place, IReadOnlyDictionary<string, string> variables)
    {
        string expanded = Variable().Replace(path, match =>
        {
            string name = match.Groups[1].Value;
            return variables.TryGetValue(name, out string? value) ? value
                : Environment.GetEnvironmentVariable(name)
                ?? throw new InputException(baseFolder, place, path, $"{name} to be set in the environment");
        });
        return Path.GetFullPath(expanded, Path.GetFullPath(baseFolder));
    }

    [GeneratedRegex(@"\$\{([^}]*)\}")]
    private static partial Regex Variable();
}
