using System.Diagnostics;

namespace Larr.Runs;

/// <summary>
/// The folder of all artefacts. A stage writes aside (<c>NAME.partial</c>) and its folder is flushed and renamed when whole, so an
/// artefact either exists with a valid manifest or does not exist. A stage whose key is already there is not run again.
/// </summary>
/// <param name="root">Folder that holds the artefacts.</param>
/// <param name="command">Command line to note in manifests.</param>
/// <param name="force">Run stages even where their artefact exists.</param>
public sealed class ArtifactStore(string root, string command, bool force = false)
{
    readonly HashSet<string> _built = [];

    /// <summary>Folder that holds the artefacts.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>Path of the artefact of <paramref name="key"/>, whether it exists or not.</summary>
    public string FolderOf(StageKey key) => Path.Combine(Root, key.FolderName);

    /// <summary>True where the artefact of <paramref name="key"/> is there and whole.</summary>
    public bool Has(StageKey key) => Manifest.Read(FolderOf(key))?.Key == key.Hash;

    /// <summary>True where nothing has to run for <paramref name="key"/>: its artefact is there and need not be made anew.</summary>
    public bool IsCurrent(StageKey key) => (!force || _built.Contains(key.Hash)) && Has(key);

    /// <summary>
    /// Returns the artefact's folder, running <paramref name="run"/> first where it is not there yet. A folder that an
    /// interrupted run left aside is kept for a <paramref name="resumable"/> stage and emptied for any other. Where another
    /// process makes the same artefact, this one waits and takes it.
    /// </summary>
    public string Build(StageKey key, bool resumable, Action<StageContext> run, IProgress<StageProgress> progress, CancellationToken cancel)
    {
        string folder = FolderOf(key);
        if (IsCurrent(key)) return folder;
        using var own = OwnedLock.Wait(
            Path.Combine(Root, ".locks", key.FolderName), owner => progress.Report(new StageProgress($"waiting for {owner}, which makes {key.FolderName}")), cancel);
        if (IsCurrent(key)) return folder;
        string aside = folder + ".partial";
        if (!resumable && Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
        Directory.CreateDirectory(aside);
        var clock = Stopwatch.StartNew();
        run(new StageContext(aside, key.Seed, progress, cancel));
        new Manifest(
            key.Stage, key.Hash, key.Version, key.Config, key.Seed, key.Inputs, command, GitCommit.Current,
            DateTimeOffset.UtcNow, clock.Elapsed.TotalSeconds, Manifest.List(aside)).Write(aside);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Disk.Real.MoveWhole(aside, folder);
        _built.Add(key.Hash);
        return folder;
    }

    /// <summary>Why the stage of <paramref name="key"/> would run, or null where its artefact is there.</summary>
    public string? WhyRun(StageKey key)
    {
        if (Has(key)) return force && !_built.Contains(key.Hash) ? "--force" : null;
        if (Directory.Exists(FolderOf(key))) return "its artefact is damaged";
        Manifest? last = !Directory.Exists(Root) ? null : Directory.EnumerateDirectories(Root, key.Stage + "-*")
            .Where(d => !d.EndsWith(".partial", StringComparison.Ordinal))
            .Select(Manifest.Read).OfType<Manifest>()
            .Where(m => m.Stage == key.Stage)
            .MaxBy(m => m.Finished);
        if (last is null) return "never run";
        if (last.Version != key.Version) return $"its code changed (version {last.Version} → {key.Version})";
        if (last.Seed != key.Seed) return $"another seed ({last.Seed} → {key.Seed})";
        if (last.Config?.ToJsonString() != key.Config?.ToJsonString()) return "its configuration changed";
        string[] changed = [.. key.Inputs.Where(i => last.Inputs.GetValueOrDefault(i.Key) != i.Value).Select(i => i.Key)];
        return "its input changed: " + string.Join(", ", changed);
    }
}
