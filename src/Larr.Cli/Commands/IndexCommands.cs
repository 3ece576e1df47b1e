using System.CommandLine;
using System.Text.Json.Nodes;
using Larr.Embed;
using Larr.Experiments;
using Larr.Index;
using Larr.Runs;

namespace Larr.Cli.Commands;

/// <summary>Commands over the index of scene values.</summary>
static class IndexCommands
{
    public static Command Index()
    {
        var command = new Command("index", "The index of scene values: build, search, verify, stats.");
        command.Subcommands.Add(Build());
        command.Subcommands.Add(Search());
        command.Subcommands.Add(Verify());
        command.Subcommands.Add(Stats());
        return command;
    }

    static Command Build() => CommonOptions.Over(
        new Command("build", "Builds the index of the experiment."),
        (session, _) => session.PrintReport("index", session.Build(Node(session))));

    static Command Search()
    {
        var text = new Argument<string>("text") { Description = "Text to search for, such as \"the weather is light rain\"." };
        var count = new Option<int>("--count", "-k") { Description = "Number of values.", DefaultValueFactory = _ => 10 };
        var field = new Option<string?>("--field") { Description = "Only values of this scene field." };
        var command = new Command("search", "Finds the scene values whose vectors lie nearest to a text.");
        command.Arguments.Add(text);
        command.Options.Add(count);
        command.Options.Add(field);
        return CommonOptions.Over(command, (session, parsed) =>
        {
            string? among = parsed.GetValue(field);
            string index = session.Build(Node(session));
            string encoder = Path.Combine(session.Build(Stages(session).Contrast), "encoder");
            using Generation live = Live(index);
            if (among is not null && live.Header.Fields.All(f => f.Name != among))
                throw new InputException(index, "--field", among, "one of " + string.Join(", ", live.Header.Fields.Select(f => f.Name)));
            using PackedEmbedder embedder = PackedEmbedder.Load(encoder, session.Experiment.Embed);
            IReadOnlyList<Neighbour> found = Neighbours.OfText(live, parsed.GetValue(text)!, t => embedder.Embed([t]).Vectors[0], parsed.GetValue(count), among);
            session.Progress.End();
            if (session.Json)
                session.Print(new JsonArray([.. found.Select(n => new JsonObject { ["field"] = n.Field, ["value"] = n.Value, ["text"] = n.Text, ["cosine"] = n.Cosine })]));
            else
                foreach (Neighbour n in found) session.Output.WriteLine($"{n.Cosine:F3}  {n.Field,-16} {n.Value}");
        });
    }

    static Command Verify() => CommonOptions.Over(
        new Command("verify", "Checks counts, checksums and canary queries of the live generation."),
        (session, _) =>
        {
            using Generation live = Live(session.Build(Node(session)));
            IndexVerify.Check(live);
            session.Output.WriteLine($"generation {live.Number}: {live.Count:N0} rows, every checksum and canary query right");
        });

    static Command Stats() => CommonOptions.Over(
        new Command("stats", "Counts, sizes and identity of the live generation."),
        (session, _) => session.PrintReport("index", session.Build(Node(session))));

    static Generation Live(string folder) => new IndexFolder(Path.Combine(folder, "index")).OpenLive();

    static StageNode Node(Session session) => Stages(session).Index(TextSource.Contrasted);

    static Stages Stages(Session session) => new(session.File, session.Experiment.Data.Split.Fold);
}
