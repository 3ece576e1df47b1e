using Larr.Runs;
using Larr.Tokens;

namespace Larr.Benchmarks;

/// <summary>Vocabularies of both kinds: the base model's, and that of llama2.c's stories.</summary>
static class Vocabularies
{
    /// <summary>Names and folders with a tokenizer.json.</summary>
    public static IEnumerable<(string Name, string Folder)> Folders()
    {
        yield return ("larr-base", Path.Combine(Repository(), "models", "larr-base"));
        string folder = Directory.CreateTempSubdirectory("larr-bench-").FullName;
        TextTokenizer.Of(Llama2cVocabulary.Read(Path.Combine(Texts.Folder, "tinyllama", "tok512.bin"), 512)).Save(folder);
        yield return ("stories", folder);
    }

    static string Repository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LARR.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InputException(AppContext.BaseDirectory, "no folder above holds LARR.sln");
    }
}
