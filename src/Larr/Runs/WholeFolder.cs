namespace Larr.Runs;

/// <summary>A folder that appears whole or not at all: written under another name, flushed to the disk, then renamed.</summary>
public static class WholeFolder
{
    /// <summary>Writes a folder.</summary>
    /// <param name="folder">Its path; something there already, unless it is empty, is an <see cref="InputException"/>.</param>
    /// <param name="write">Writes the files into the folder that it is given.</param>
    public static void Write(string folder, Action<string> write)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(folder) || Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new InputException(folder, "is there already; name a folder that is not");
        string aside = folder + ".partial";
        if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        Directory.CreateDirectory(aside);
        try
        {
            write(aside);
            if (Directory.Exists(folder)) Directory.Delete(folder);
            Disk.Real.MoveWhole(aside, folder);
        }
        catch
        {
            Directory.Delete(aside, recursive: true);
            throw;
        }
    }
}
