using Larr.Runs;
using Larr.Tests.Tokens;
using Larr.Tokens;

namespace Larr.Benchmarks;

/// <summary>Vocabularies of both kinds: the base model's and GPT-2's, llama2.c's stories' and Llama 2's.</summary>
static class Vocabularies
{
    /// <summary>Names and folders with a tokenizer.json.</summary>
    public static IEnumerable<(string Name, string Folder)> Folders()
    {
        yield return ("larr-base", Path.Combine(Repository(), "models", "larr-base"));
        yield return ("gpt-2", Saved(PublishedVocabulary.Load(Path.Combine(Texts.Folder, "tokenizers", "ggml-vocab-gpt-2.gguf"))));
        yield return ("stories", Saved(TextTokenizer.Of(Llama2cVocabulary.Read(Path.Combine(Texts.Folder, "tinyllama", "tok512.bin"), 512))));
        yield return ("llama-2", Saved(PublishedVocabulary.Load(Path.Combine(Texts.Folder, "tokenizers", "ggml-vocab-llama-spm.gguf"))));
    }

    static string Saved(TextTokenizer tokenizer)
    {
        string folder = Directory.CreateTempSubdirectory("larr-bench-").FullName;
        tokenizer.Save(folder);
        return folder;
    }

    static string Repository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LARR.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InputException(AppContext.BaseDirectory, "no folder above holds LARR.sln");
    }
}
