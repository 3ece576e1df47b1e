using Larr.Runs;

namespace Larr.Tests.Runs;

public sealed class ArtifactStoreTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    int _runs;

    [Fact]
    public void An_unchanged_stage_runs_once()
    {
        string first = Build(Key());
        string second = Build(Key());
        Assert.Equal(first, second);
        Assert.Equal(1, _runs);
        Assert.Equal("made", File.ReadAllText(Path.Combine(first, "out.txt")));
    }

    [Fact]
    public void Version_config_seed_and_inputs_each_name_another_artefact()
    {
        string[] names = [Key().FolderName, Key(version: 2).FolderName, Key(config: "b").FolderName, Key(seed: 2).FolderName, Key(input: "y").FolderName];
        Assert.Equal(5, names.Distinct().Count());
        Assert.Equal(Key().FolderName, Key().FolderName);
    }

    [Fact]
    public void A_stage_that_fails_leaves_no_artefact()
    {
        Assert.Throws<InvalidOperationException>(() => Store().Build(Key(), false, _ => throw new InvalidOperationException(), new Progress<StageProgress>(), TestContext.Current.CancellationToken));
        Assert.False(Store().Has(Key()));
        Assert.False(Directory.Exists(Store().FolderOf(Key())));
    }

    [Theory]
    [InlineData(true, "kept")]
    [InlineData(false, null)]
    public void What_an_interrupted_run_left_is_kept_for_a_resumable_stage_only(bool resumable, string? found)
    {
        Assert.Throws<OperationCanceledException>(() => Store().Build(Key(), resumable, context =>
        {
            File.WriteAllText(context.File("checkpoint"), "kept");
            throw new OperationCanceledException();
        }, new Progress<StageProgress>(), TestContext.Current.CancellationToken));
        string? seen = null;
        Store().Build(Key(), resumable, context => seen = File.Exists(context.File("checkpoint")) ? File.ReadAllText(context.File("checkpoint")) : null, new Progress<StageProgress>(), TestContext.Current.CancellationToken);
        Assert.Equal(found, seen);
    }

    [Fact]
    public void An_artefact_with_a_missing_or_cut_file_does_not_exist()
    {
        string folder = Build(Key());
        File.WriteAllText(Path.Combine(folder, "out.txt"), "ma");
        Assert.False(Store().Has(Key()));
        Assert.Equal("its artefact is damaged", Store().WhyRun(Key()) ?? "");
    }

    [Fact]
    public void The_plan_says_why_a_stage_would_run()
    {
        Assert.Equal("never run", Store().WhyRun(Key()));
        Build(Key());
        Assert.Null(Store().WhyRun(Key()));
        Assert.Contains("version 1 → 2", Store().WhyRun(Key(version: 2)));
        Assert.Equal("its configuration changed", Store().WhyRun(Key(config: "b")));
        Assert.Equal("its input changed: data", Store().WhyRun(Key(input: "y")));
        Assert.Contains("another seed", Store().WhyRun(Key(seed: 2)));
    }

    [Fact]
    public void A_held_lock_names_its_owner_and_a_freed_one_is_taken_over()
    {
        string path = _folder.At("lock");
        using (OwnedLock.Take(path))
        {
            InputException e = Assert.Throws<InputException>(() => OwnedLock.Take(path));
            Assert.Contains($"process {Environment.ProcessId}", e.Message);
        }
        OwnedLock.Take(path).Dispose();
    }

    [Fact]
    public async Task An_artefact_that_another_process_makes_is_waited_for_and_not_made_twice()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        TaskCompletionSource begun = new(), released = new();
        Task<string> first = Task.Run(() => Store().Build(Key(), false, _ => { _runs++; begun.SetResult(); released.Task.Wait(stop); }, new Progress<StageProgress>(), stop), stop);
        await begun.Task.WaitAsync(stop);
        var told = new TaskCompletionSource<string>();
        Task<string> second = Task.Run(() => Store().Build(Key(), false, _ => _runs++, new Listener(text => told.TrySetResult(text)), stop), stop);
        Assert.Contains($"waiting for process {Environment.ProcessId}", await told.Task.WaitAsync(stop));
        Assert.False(second.IsCompleted);
        released.SetResult();
        Assert.Equal(await first, await second);
        Assert.Equal(1, _runs);
    }

    [Fact]
    public void Waiting_for_a_lock_ends_with_the_request_to_stop()
    {
        using var stop = new CancellationTokenSource();
        using OwnedLock held = OwnedLock.Take(_folder.At("lock"));
        Assert.Throws<OperationCanceledException>(() => OwnedLock.Wait(_folder.At("lock"), _ => stop.Cancel(), stop.Token));
    }

    ArtifactStore Store() => new(_folder.Path, "larr test");

    string Build(StageKey key) => Store().Build(key, false, context =>
    {
        _runs++;
        File.WriteAllText(context.File("out.txt"), "made");
    }, new Progress<StageProgress>(), default);

    static StageKey Key(int version = 1, string config = "a", int seed = 1, string input = "x") =>
        StageKey.Of("data", version, config, seed, new Dictionary<string, string> { ["data"] = input });

    public void Dispose() => _folder.Dispose();
}
