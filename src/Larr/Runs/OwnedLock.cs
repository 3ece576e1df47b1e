namespace Larr.Runs;

/// <summary>
/// A lock file that one process holds and that names its owner. The operating system frees the lock of a process that
/// dies, so a lock left behind by a dead process is simply taken over.
/// </summary>
public sealed class OwnedLock : IDisposable
{
    const int WouldBlock = 11, SharingViolation = unchecked((int)0x80070020); // of Linux, of Windows

    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    readonly FileStream _stream;

    OwnedLock(FileStream stream) => _stream = stream;

    /// <summary>Takes the lock file at <paramref name="path"/>.</summary>
    /// <exception cref="InputException">Another live process holds it; the message names that process.</exception>
    public static OwnedLock Take(string path) => TryTake(path) ?? throw new InputException(path, $"in use by {Owner(path)}; wait for it to end");

    /// <summary>Takes the lock file at <paramref name="path"/> as soon as nobody else holds it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="busy">Told once who holds it, where somebody does.</param>
    /// <param name="cancel">Ends the waiting by throwing <see cref="OperationCanceledException"/>.</param>
    public static OwnedLock Wait(string path, Action<string> busy, CancellationToken cancel)
    {
        for (bool told = false; ; told = true)
        {
            if (TryTake(path) is { } taken) return taken;
            if (!told) busy(Owner(path));
            cancel.WaitHandle.WaitOne(s_pause);
            cancel.ThrowIfCancellationRequested();
        }
    }

    static OwnedLock? TryTake(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException busy) when (busy.HResult is WouldBlock or SharingViolation)
        {
            return null;
        }
        try { File.WriteAllText(OwnerFile(path), $"process {Environment.ProcessId} on {Environment.MachineName}"); }
        catch
        {
            stream.Dispose();
            throw;
        }
        return new OwnedLock(stream);
    }

    /// <summary>Frees the lock. The file stays: deleting it could pull it from under a process that is just taking it.</summary>
    public void Dispose() => _stream.Dispose();

    static string Owner(string path) => File.Exists(OwnerFile(path)) ? File.ReadAllText(OwnerFile(path)) : "another process";

    /// <summary>A locked file cannot be read by others, so its owner's name stands beside it.</summary>
    static string OwnerFile(string path) => path + ".owner";
}
