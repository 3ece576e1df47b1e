using Larr.Runs;

namespace Larr.Tests.Runs;

/// <summary>A file or folder under its own name is whole, or what it was before.</summary>
public sealed class DiskTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_file_that_could_not_be_written_leaves_the_old_one_and_nothing_else()
    {
        string path = _folder.At("file");
        Disk.Real.Replace(path, "old"u8);
        Assert.Throws<InvalidOperationException>(() => Disk.Real.Replace(path, aside =>
        {
            File.WriteAllText(aside, "half");
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.EnumerateFileSystemEntries(_folder.Path));

        Disk.Real.Replace(path, aside => File.WriteAllText(aside, "new"));
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_folder_moves_with_all_that_is_in_it_read_only_files_included()
    {
        Directory.CreateDirectory(_folder.At("from/inner"));
        File.WriteAllText(_folder.At("from/inner/file"), "text");
        File.SetAttributes(_folder.At("from/inner/file"), FileAttributes.ReadOnly);
        Disk.Real.MoveWhole(_folder.At("from"), _folder.At("to"));
        Assert.False(Directory.Exists(_folder.At("from")));
        Assert.Equal("text", File.ReadAllText(_folder.At("to/inner/file")));
        File.SetAttributes(_folder.At("to/inner/file"), FileAttributes.Normal);
    }

    [Fact]
    public void The_current_folder_is_flushed_for_a_path_without_one()
    {
        string name = Path.GetRelativePath(Environment.CurrentDirectory, _folder.At("file"));
        Disk.Real.Replace(name, "text"u8);
        Assert.Equal("text", File.ReadAllText(_folder.At("file")));
        Disk.Real.FlushFolder(Path.GetDirectoryName(Path.GetFullPath("file"))!);
    }

    public void Dispose() => _folder.Dispose();
}
