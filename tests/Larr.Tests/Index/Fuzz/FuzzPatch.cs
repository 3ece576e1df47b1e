using Microsoft.Win32.SafeHandles;

namespace Larr.Tests.Index;

/// <summary>Writes damaged files over those of a target, in place where the length allows, and puts the right ones back.</summary>
sealed class FuzzPatch(FuzzTarget target) : IDisposable
{
    readonly Dictionary<string, SafeFileHandle> _handles = [];

    /// <summary>Writes these bytes.</summary>
    /// <param name="changed">By path within the index; null: the file is gone.</param>
    public void Apply(IReadOnlyDictionary<string, byte[]?> changed)
    {
        foreach ((string file, byte[]? bytes) in changed)
        {
            if (bytes is not null) Write(file, bytes);
            else Remove(file);
        }
    }

    /// <summary>Puts the right bytes back.</summary>
    public void TakeBack(IEnumerable<string> files)
    {
        foreach (string file in files) Write(file, target.Whole(file));
    }

    public void Dispose()
    {
        foreach (SafeFileHandle handle in _handles.Values) handle.Dispose();
    }

    void Write(string file, byte[] bytes)
    {
        if (!_handles.TryGetValue(file, out SafeFileHandle? handle))
            _handles[file] = handle = File.OpenHandle(At(file), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.Write(handle, bytes, 0);
        if (RandomAccess.GetLength(handle) != bytes.Length) RandomAccess.SetLength(handle, bytes.Length);
    }

    void Remove(string file)
    {
        if (_handles.Remove(file, out SafeFileHandle? handle)) handle.Dispose();
        File.Delete(At(file));
    }

    string At(string file) => Path.Combine(target.Folder.Path, file);
}
