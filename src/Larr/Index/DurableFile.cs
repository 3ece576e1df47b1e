using System.Runtime.InteropServices;

namespace Larr.Index;

/// <summary>
/// Writes that survive a power cut: the bytes reach the disk (fsync) before the name that points to them, and the
/// folder is flushed after a rename, without which the new name itself may be lost.
/// </summary>
static partial class DurableFile
{
    /// <summary>Replaces <paramref name="path"/> whole or not at all.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> bytes)
    {
        string aside = path + ".new";
        Write(aside, bytes);
        File.Move(aside, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(path)!);
    }

    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        stream.Write(bytes);
        stream.Flush(flushToDisk: true);
    }

    public static void MoveFolder(string from, string to)
    {
        Directory.Move(from, to);
        FlushFolder(Path.GetDirectoryName(to)!);
    }

    /// <summary>Flushes a folder's entries. Windows has no such call and journals its names itself.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        int handle = OpenFile(folder, flags: 0);
        if (handle < 0) throw new IOException($"{folder}: cannot be opened to flush it: {Marshal.GetLastPInvokeErrorMessage()}");
        int result = Flush(handle);
        string error = Marshal.GetLastPInvokeErrorMessage();
        _ = Close(handle);
        if (result < 0) throw new IOException($"{folder}: cannot be flushed: {error}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
