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

    /// <summary>The files that an expanded path means, by name: one, or those that its <c>*</c> matches; none where there is no such file.</summary>
    public static string[] Matching(string path)
    {
        path = ZippedFile.OnDisk(path);
        string folder = Path.GetDirectoryName(path)!;
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder, Path.GetFileName(path)).Order(StringComparer.Ordinal)] : [];
    }

    [GeneratedRegex(@"\$\{([^}]*)\}")]
    private static partial Regex Variable();
}
