using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Larr.Runs;

/// <summary>One file of an artefact.</summary>
/// <param name="Path">Path below the artefact's folder, with forward slashes.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">SHA-256 of the content.</param>
public sealed record ManifestFile(string Path, long Bytes, string Sha256);

/// <summary>
/// The <c>manifest.json</c> of an artefact: what made it and what is in it. An artefact without a valid manifest does not exist.
/// </summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Key">Hash of the stage's key.</param>
/// <param name="Version">Version of the stage's code.</param>
/// <param name="Config">The stage's configuration.</param>
/// <param name="Seed">Seed of the stage.</param>
/// <param name="Inputs">Keys or hashes of its inputs.</param>
/// <param name="Command">The command line that ran it.</param>
/// <param name="Commit">Commit of the code, where it ran inside a repository.</param>
/// <param name="Finished">When it was finished.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Files">All files but the manifest itself.</param>
public sealed record Manifest(
    string Stage, string Key, int Version, JsonNode? Config, int Seed, IReadOnlyDictionary<string, string> Inputs,
    string Command, string Commit, DateTimeOffset Finished, double Seconds, IReadOnlyList<ManifestFile> Files)
{
    /// <summary>Name of the manifest in an artefact's folder.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Reads the manifest of <paramref name="folder"/>; null where there is none or a file is missing or of another size.</summary>
    public static Manifest? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        try
        {
            Manifest? manifest = JsonSerializer.Deserialize<Manifest>(File.ReadAllBytes(path), ConfigReader.Json);
            return manifest?.Files.All(f => new FileInfo(Path.Combine(folder, f.Path)) is { Exists: true } i && i.Length == f.Bytes) == true ? manifest : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Lists and hashes the files of <paramref name="folder"/>.</summary>
    public static IReadOnlyList<ManifestFile> List(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => (File: f, Name: Path.GetRelativePath(folder, f).Replace('\\', '/')))
            .Where(f => f.Name != FileName)
            .OrderBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => new ManifestFile(f.Name, new FileInfo(f.File).Length, FileHash.Of(f.File))),
    ];

    /// <summary>Writes the manifest into <paramref name="folder"/>.</summary>
    public void Write(string folder) => File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, ConfigReader.Json));
}

/// <summary>SHA-256 of a file's content.</summary>
public static class FileHash
{
    /// <summary>64 hexadecimal digits.</summary>
    public static string Of(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
