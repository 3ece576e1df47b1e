using Larr.Runs;

namespace Larr.Experiments;

/// <summary>
/// One stage of an experiment with its configuration and inputs bound. The inputs' keys are part of its own key, so the
/// keys of a whole experiment are known before anything runs.
/// </summary>
public sealed class StageNode
{
    readonly Action<StageContext, Func<string, string>> _run;

    /// <summary>A stage over <paramref name="inputs"/>, each under the name by which <paramref name="run"/> asks for its folder.</summary>
    public StageNode(
        StageKey key, IReadOnlyDictionary<string, StageNode> inputs, bool resumable, Action<StageContext, Func<string, string>> run)
    {
        Inputs = inputs;
        Resumable = resumable;
        _run = run;
        Key = key with
        {
            Inputs = new Dictionary<string, string>(key.Inputs.Concat(inputs.Select(i => KeyValuePair.Create(i.Key, i.Value.Key.Hash)))),
        };
    }

    /// <summary>What decides the result.</summary>
    public StageKey Key { get; }

    /// <summary>Earlier stages that this one reads, by name.</summary>
    public IReadOnlyDictionary<string, StageNode> Inputs { get; }

    /// <summary>Whether an interrupted run goes on from its checkpoint.</summary>
    public bool Resumable { get; }

    /// <summary>This stage and everything before it, earliest first, each once.</summary>
    public IEnumerable<StageNode> Chain() => Inputs.Values.SelectMany(i => i.Chain()).Append(this).DistinctBy(n => n.Key.Hash);

    /// <summary>The artefact's folder; builds it and what it needs where they are missing.</summary>
    public string Build(ArtifactStore store, IProgress<StageProgress> progress, CancellationToken cancel)
    {
        if (store.IsCurrent(Key)) return store.FolderOf(Key);
        Dictionary<string, string> folders = Inputs.ToDictionary(i => i.Key, i => i.Value.Build(store, progress, cancel));
        return store.Build(Key, Resumable, context =>
        {
            progress.Report(new StageProgress($"{Key.Stage} …"));
            _run(context, name => folders[name]);
        }, progress, cancel);
    }
}
