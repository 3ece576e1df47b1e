using Larr.Runs;

namespace Larr.Llama;

/// <summary>The folder of llama.cpp's libraries. Their names carry the version, so they are found by pattern.</summary>
sealed record LlamaFolder(string Path, string Llama, string Ggml, string GgmlBase)
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "LARR_LLAMA";

    const string HowToGetIt = "scripts/llama-cpp fetches it, or " + Variable + " names the folder that holds it";

    /// <summary>The folder that <see cref="Variable"/> names, or <c>llama.cpp</c> beside the program or in a folder above it.</summary>
    /// <exception cref="InputException">There is no such folder, or a library is missing in it.</exception>
    public static LlamaFolder Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return Open(System.IO.Path.GetFullPath(named));
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string inside = System.IO.Path.Combine(folder.FullName, "llama.cpp");
            if (Directory.Exists(inside) && Files(inside, "llama").Length > 0) return Open(inside);
        }
        throw new InputException("llama.cpp", $"the library is not on this machine: {HowToGetIt}");
    }

    /// <summary>The libraries of a folder.</summary>
    /// <exception cref="InputException">One of them is missing.</exception>
    public static LlamaFolder Open(string path)
    {
        return new LlamaFolder(path, One("llama"), One("ggml"), One("ggml-base"));

        string One(string name) => Files(path, name).FirstOrDefault() ?? throw new InputException(path, $"no library {FileName(name)} here: {HowToGetIt}");
    }

    static string[] Files(string path, string name) => !Directory.Exists(path) ? [] :
        [.. Directory.EnumerateFiles(path, FileName(name) + "*").Where(f => IsLibrary(System.IO.Path.GetFileName(f)[FileName(name).Length..])).Order(StringComparer.Ordinal)];

    /// <summary>What follows the name is a version and the system's ending, not a further word such as "-cpu-haswell".</summary>
    static bool IsLibrary(string rest) => rest.StartsWith('.') && (OperatingSystem.IsWindows() ? rest.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
        : OperatingSystem.IsMacOS() ? rest.EndsWith(".dylib", StringComparison.Ordinal) : rest.Contains(".so", StringComparison.Ordinal));

    static string FileName(string name) => OperatingSystem.IsWindows() ? name : "lib" + name;
}
