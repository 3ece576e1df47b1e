using System.IO.Compression;
using Larr.Runs;

namespace Larr.Data;

/// <summary>A file inside a ZIP archive as a source: <c>archive.zip!folder/file.csv</c>.</summary>
static class ZippedFile
{
    const string Mark = ".zip!";

    /// <summary>The file on disk that a path needs: the archive, where the path goes into one.</summary>
    internal static string OnDisk(string path) => path.IndexOf(Mark, StringComparison.OrdinalIgnoreCase) is var at and >= 0 ? path[..(at + Mark.Length - 1)] : path;

    /// <summary>The path itself, or that of a copy in <paramref name="folder"/> of the archive's file.</summary>
    internal static string Unpacked(string path, string folder, string name)
    {
        string archive = OnDisk(path);
        if (archive == path || !File.Exists(archive)) return path;
        string wanted = path[(archive.Length + 1)..];
        try
        {
            using ZipArchive zip = ZipFile.OpenRead(archive);
            ZipArchiveEntry entry = zip.GetEntry(wanted) ?? throw new InputException(archive, "entry", wanted,
                $"'{Nearest.To(wanted, zip.Entries.Select(e => e.FullName))}' perhaps");
            Directory.CreateDirectory(folder);
            string copy = Path.Combine(folder, name + Path.GetExtension(wanted));
            entry.ExtractToFile(copy, overwrite: true);
            return copy;
        }
        catch (InvalidDataException)
        {
            throw new InputException(archive, "not a ZIP archive, or a damaged one");
        }
    }
}
