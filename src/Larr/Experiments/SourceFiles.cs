using Larr.Data;
using Larr.Runs;

namespace Larr.Experiments;

/// <summary>The user's own source files as inputs of the data stage: a changed file is another experiment.</summary>
static class SourceFiles
{
    /// <summary>Content hash of every file of every source; sources inside the simulated city are covered by its stage key.</summary>
    public static Dictionary<string, string> Hashes(DataConfig config, string baseFolder)
    {
        var hashes = new Dictionary<string, string>();
        foreach ((string name, SourceConfig source) in config.Sources)
        {
            if (source.Path.Contains("${simulate}", StringComparison.Ordinal)) continue;
            string path = PathVariables.Expand(source.Path, baseFolder, $"data.sources.{name}.path", new Dictionary<string, string>());
            string[] files = PathVariables.Matching(path);
            if (files.Length == 0) throw new InputException(path, $"no such file (data.sources.{name}.path)");
            foreach (string f in files) hashes[$"{name}/{Path.GetFileName(f)}"] = FileHash.Of(f);
        }
        return hashes;
    }
}
