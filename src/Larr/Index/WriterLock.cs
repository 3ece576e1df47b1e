using System.Diagnostics;
using Larr.Runs;

namespace Larr.Index;

/// <summary>
/// The right to write to an index folder, held by one process at a time. The file <c>writer.lock</c> is locked through
/// the operating system, which lets go when its owner dies, however it dies; so a stale lock is simply taken over.
/// <c>writer.owner</c> beside it says who holds it, for the message to the second writer.
/// </summary>
public sealed class WriterLock : IDisposable
{
    readonly FileStream _file;
    readonly string _owner;

    WriterLock(FileStream file, string owner) => (_file, _owner) = (file, owner);

    /// <summary>The owner that died holding the lock, or null.</summary>
    public string? TakenOverFrom { get; private init; }

    /// <summary>Takes the lock of an index folder.</summary>
    /// <exception cref="InputException">Another process, or another writer of this one, holds it.</exception>
    internal static WriterLock Take(string folder)
    {
        string path = Path.Combine(folder, "writer.lock"), owner = Path.Combine(folder, "writer.owner");
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new InputException(path, "writer", ReadOwner(owner) ?? "an unnamed writer", "nobody: one writer at a time");
        }
        string? dead = ReadOwner(owner);
        File.WriteAllText(owner, $"process {Environment.ProcessId} ({Process.GetCurrentProcess().ProcessName}) on {Environment.MachineName} since {DateTime.UtcNow:u}");
        return new WriterLock(file, owner) { TakenOverFrom = dead };
    }

    /// <summary>Lets go of the lock.</summary>
    public void Dispose()
    {
        File.Delete(_owner);
        _file.Dispose();
    }

    static string? ReadOwner(string path)
    {
        try { return File.ReadAllText(path); }
        catch (FileNotFoundException) { return null; }
    }
}
