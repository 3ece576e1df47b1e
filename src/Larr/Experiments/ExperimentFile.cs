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

    /// <summary>Folder of the checkpoint to start from.</summary>
    public string BaseFolder => Experiment.Base is { } folder ? Resolve(folder) : Shipped("models/larr-base");

    /// <summary>Reads <paramref name="path"/>, or the simulated city where it is null, with <c>a.b=c</c> settings on top.</summary>
    public static ExperimentFile Load(string? path, IEnumerable<string> settings)
    {
        string file = path ?? Shipped("corpus/city/larr.json");
        string[] all = [.. settings];
        Experiment experiment = ConfigReader.Read<Experiment>(file, all);
        experiment.Validate();
        return new ExperimentFile(file, experiment, all);
    }

    /// <summary>The same file, read anew, with more settings on top of those it was read with.</summary>
    public ExperimentFile With(IEnumerable<string> settings) => Load(Path, [.. Settings, .. settings]);

    /// <summary>A path of the experiment file, absolute.</summary>
    public string Resolve(string path) => System.IO.Path.GetFullPath(System.IO.Path.Combine(Folder, path));

    /// <summary>A file or folder of the repository that this program was built in.</summary>
    /// <exception cref="InputException">It is not there.</exception>
    public static string Shipped(string path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string found = System.IO.Path.Combine(folder.FullName, path);
            if (System.IO.Path.Exists(found)) return found;
        }
        throw new InputException(path, "not found above the program; name an experiment file, and in it a base");
    }
}
