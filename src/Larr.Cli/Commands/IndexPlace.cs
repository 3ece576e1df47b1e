using System.CommandLine;
using Larr.Experiments;
using Larr.Index;
using Larr.Index.Servers;
using Larr.Runs;

namespace Larr.Cli.Commands;

/// <summary>
/// Which index a command means: the folder of <c>--index</c>, or the experiment's. An experiment has two: the one that <c>larr index refresh</c>
/// keeps up to date in <c>OUT/index/NAME</c>, and the artefact of the index stage, which never changes.
/// </summary>
sealed class IndexPlace
{
    readonly Option<string?> _index = new("--index") { Description = "Folder of the index. Default: the experiment's, in OUT/index; where there is none yet, that of the index stage." };

    public Command AddTo(Command command)
    {
        command.Options.Add(_index);
        return command;
    }

    /// <summary>The index to read.</summary>
    public IndexFolder Open(Session session, ParseResult parsed)
    {
        IndexFolder refreshed = Refreshed(session, parsed);
        if (parsed.GetValue(_index) is not null || refreshed.LiveNumber is not null) return Existing(refreshed);
        StageNode stage = Stage(session);
        if (session.DryRun && !session.Store.IsCurrent(stage.Key)) throw new InputException("--dry-run", "value", "true", "an index that is there: this command would build one first; larr index build --dry-run says how");
        return new IndexFolder(Path.Combine(session.Build(stage), "index"));
    }

    /// <summary>The index to change: never a stage's artefact.</summary>
    public IndexFolder OpenRefreshed(Session session, ParseResult parsed) => Existing(Refreshed(session, parsed));

    /// <summary>The index to refresh, which need not exist.</summary>
    public IndexFolder Refreshed(Session session, ParseResult parsed) => new(parsed.GetValue(_index) ?? Path.Combine(session.Store.Root, "index", FolderName(session.Experiment.Name)));

    /// <summary>Does the command mean the server that the experiment names? A folder given by <c>--index</c> goes before it.</summary>
    public bool IsServer(Session session, ParseResult parsed) => !IsGiven(parsed) && session.Experiment.Index.Backend != IndexBackend.Local;

    /// <summary>The server, or null where the index is a folder.</summary>
    public IIndexServer? Server(Session session, ParseResult parsed) => IsServer(session, parsed) ? IndexServers.Open(session.Experiment.Index) : null;

    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_index) is not null;

    public static StageNode Stage(Session session) => Stages(session).Index(TextSource.Contrasted);

    public static Stages Stages(Session session) => new(session.File, session.Experiment.Data.Split.Fold);

    static IndexFolder Existing(IndexFolder folder) =>
        folder.LiveNumber is not null ? folder : throw new InputException(folder.Path, "there is no index here; larr index refresh makes one");

    static string FolderName(string name) => string.Concat(name.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' ? c : '-'));
}
