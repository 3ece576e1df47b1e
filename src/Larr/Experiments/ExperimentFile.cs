using Larr.Runs;

namespace Larr.Experiments;

/// <summary>An experiment with the folder that its relative paths start from.</summary>
/// <param name="Path">The experiment file.</param>
/// <param name="Experiment">Its content, with the settings on top.</param>
/// <param name="Settings">Those settings, of the form <c>a.b=c</c>.</param>
public sealed record ExperimentFile(string Path, Experiment Experiment, params IReadOnlyList<string> Settings)
{
    /// <summary>Folder of the file.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;

    /// <summary>Reads <paramref name="path"/>, or the simulated city where it is null, with <c>a.b=c</c> settings on top.</summary>
    public static ExperimentFile Load(string? path, IEnumerable<string> settings)
    {
        string file = path ?? Default();
        string[] all = [.. settings];
        return new ExperimentFile(file, ConfigReader.Read<Experiment>(file, all), all);
    }

    /// <summary>The same file, read anew, with more settings on top of those it was read with.</summary>
    public ExperimentFile With(IEnumerable<string> settings) => Load(Path, [.. Settings, .. settings]);

    /// <summary>A path of the experiment file, absolute.</summary>
    public string Resolve(string path) => System.IO.Path.GetFullPath(System.IO.Path.Combine(Folder, path));

    /// <summary>The city's experiment file in the repository that this program was built in.</summary>
    static string Default()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string file = System.IO.Path.Combine(folder.FullName, "corpus", "city", "larr.json");
            if (File.Exists(file)) return file;
        }
        throw new InputException("corpus/city/larr.json", "not found above the program; name an experiment file");
    }
}
