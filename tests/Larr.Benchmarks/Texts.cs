using System.Formats.Tar;
using System.IO.Compression;
using Larr.Runs;

namespace Larr.Benchmarks;

/// <summary>Natural text of the data folder: recipes in English and in Chinese.</summary>
static class Texts
{
    /// <summary>The folder LARR_DATA names.</summary>
    public static string Folder => Environment.GetEnvironmentVariable("LARR_DATA") ?? throw new InputException("LARR_DATA", "is not set; it names the data folder");

    /// <summary>Texts by language.</summary>
    public static IEnumerable<(string Language, string[] Texts)> All()
    {
        yield return ("english", Read("recipes_en_publicdomain_md.tar.gz"));
        yield return ("chinese", Read("howtocook_zh_md.tar.gz"));
    }

    static string[] Read(string name)
    {
        string path = Path.Combine(Folder, "corpora", name);
        if (!File.Exists(path)) throw new InputException(path, "no such file");
        using var tar = new TarReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        List<string> texts = [];
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null || !entry.Name.EndsWith(".md", StringComparison.Ordinal)) continue;
            using var reader = new StreamReader(entry.DataStream);
            texts.Add(reader.ReadToEnd());
        }
        return [.. texts];
    }
}
