using Larr.Runs;

namespace Larr.Tests.Corpus;

/// <summary>A temporary stage folder, deleted after the test.</summary>
sealed class StageFolder(int seed = 1) : IDisposable, IProgress<StageProgress>
{
    public string Path { get; } = Directory.CreateTempSubdirectory("larr-stage-").FullName;

    public StageContext Context => new(Path, seed, this, CancellationToken.None);

    public string Read(string file) => File.ReadAllText(System.IO.Path.Combine(Path, file));

    public void Report(StageProgress value) { }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
