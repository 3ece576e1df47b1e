using Larr.Runs;

namespace Larr.Export;

/// <summary>Where the model is in what a user names: a Hugging Face folder, or the artefact of pre-training (model) or contrast (encoder).</summary>
public static class ModelFolder
{
    static readonly string[] s_inside = ["", "model", "encoder"];

    /// <summary>The folder with <c>config.json</c>.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static string Find(string folder) =>
        s_inside.Select(name => Path.Combine(folder, name)).FirstOrDefault(path => File.Exists(Path.Combine(path, "config.json")))
        ?? throw new InputException(folder, Directory.Exists(folder) ? "no model here: config.json not found" : "folder not found");
}
