using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Larr.Runs;

/// <summary>
/// Every write that must survive a power cut: the bytes reach the disk (fsync) before the name that points to them, and the folder
/// is flushed after a rename, without which the new name itself may be lost. Tests derive a disk that fails.
/// </summary>
partial class Disk
{
    /// <summary>What is added to a file's name until it is whole.</summary>
    public const string Aside = ".new";

    public static Disk Real { get; } = new();

    /// <summary>Creates a file, or empties it.</summary>
    public virtual Stream Create(string path) => new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);

    /// <summary>Returns when the bytes are on the disk.</summary>
    public virtual void Flush(Stream stream)
    {
        if (stream is FileStream file) file.Flush(flushToDisk: true);
        else stream.Flush();
    }

    /// <summary>Runs several flushes at once, which a journalling file system answers with one commit.</summary>
    public virtual void FlushAll(IReadOnlyList<Action> flushes) =>
        Task.WhenAll(flushes.Select(f => Task.Factory.StartNew(f, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).GetAwaiter().GetResult();

    /// <summary>Renames a file, over an older one if there is one, or a folder.</summary>
    public virtual void Move(string from, string to)
    {
        if (Directory.Exists(from)) Directory.Move(from, to);
        else File.Move(from, to, overwrite: true);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }

    /// <summary>Writes a file from its first byte to its last.</summary>
    public void Write(string path, ReadOnlySpan<byte> bytes)
    {
        using Stream stream = Create(path);
        stream.Write(bytes);
        Flush(stream);
    }

    /// <summary>Replaces <paramref name="path"/> whole or not at all.</summary>
    public void Replace(string path, ReadOnlySpan<byte> bytes)
    {
        string aside = path + Aside;
        Write(aside, bytes);
        Move(aside, path);
    }

    /// <summary>The same for a file that <paramref name="write"/>, given the path to write to, makes by itself. Where it throws, nothing is left.</summary>
    public void Replace(string path, Action<string> write)
    {
        string aside = path + Aside;
        try
        {
            write(aside);
            FlushFile(aside);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
        Move(aside, path);
    }

    /// <summary>Flushes every file and folder below <paramref name="from"/>, and renames it to a path where nothing is.</summary>
    public void MoveWhole(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories)) FlushFile(file);
        foreach (string folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories)) FlushFolder(folder);
        FlushFolder(from);
        Move(from, to);
    }

    /// <summary>Flushes a file that something else has written. Windows wants the right to write for that; elsewhere the file may be read-only.</summary>
    public virtual void FlushFile(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Flushes a folder's entries. Windows has no such call and journals its names itself.</summary>
    public virtual void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        int handle = OpenFile(folder, flags: 0);
        if (handle < 0) throw new IOException($"{folder}: cannot be opened to flush it: {Marshal.GetLastPInvokeErrorMessage()}");
        int result = Synchronise(handle);
        string error = Marshal.GetLastPInvokeErrorMessage();
        _ = Close(handle);
        if (result < 0) throw new IOException($"{folder}: cannot be flushed: {error}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronise(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
