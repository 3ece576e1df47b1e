using System.Text.Json;
using System.Text.Json.Nodes;
using Larr.Index.Servers;
using Larr.Runs;

namespace Larr.Cli.Commands;

/// <summary>What the index commands do where a server keeps the index; each says whether it did it, and closes the server.</summary>
static class ServerCommands
{
    public static bool Verify(Session session, IIndexServer? server) => Do(session, server, async server =>
    {
        GenerationName live = await ServerGenerations.Existing(server, session.Cancel);
        (long rows, double? recall) = await ServerGates.Verify(server, live, session.Experiment.Index.MinRecall, session.Cancel);
        return (new JsonObject { ["generation"] = live.Number, ["rows"] = rows, ["recall"] = recall },
            $"generation {live.Number}: {rows:N0} rows, every canary query right{IndexCommands.Recall(recall)}");
    });

    public static bool Stats(Session session, IIndexServer? server) => Do(session, server, async server =>
    {
        GenerationName live = await ServerGenerations.Existing(server, session.Cancel);
        var json = new JsonObject
        {
            ["server"] = server.Place,
            ["generation"] = live.Number,
            ["name"] = live.Name,
            ["rows"] = await server.Count(live, session.Cancel),
            ["identity"] = JsonSerializer.SerializeToNode(await server.Identity(live, session.Cancel), ConfigReader.Json),
            ["generations"] = new JsonArray([.. (await server.List(session.Cancel)).OrderBy(g => g.Number).Select(g => (JsonNode)g.Name)]),
        };
        return (json, json.ToJsonString(ConfigReader.Json));
    });

    public static bool Rollback(Session session, IIndexServer? server) => Do(session, server, async server =>
    {
        if (session.DryRun)
        {
            int number = (await ServerGenerations.Before(server, session.Cancel)).Number;
            return (new JsonObject { ["generation"] = number }, $"generation {number} would be live");
        }
        await using IAsyncDisposable held = await server.Lock(session.Cancel);
        GenerationName before = await ServerGenerations.Rollback(server, session.Cancel);
        return (new JsonObject { ["generation"] = before.Number }, $"generation {before.Number} is live");
    });

    public static bool Collect(Session session, IIndexServer? server, int keep) => Do(session, server, async server =>
    {
        if (session.DryRun)
        {
            IReadOnlyList<GenerationName> old = await ServerGenerations.Old(server, keep, unfinished: true, session.Cancel);
            int stay = (await server.List(session.Cancel)).Count - old.Count;
            return (new JsonObject { ["deleted"] = new JsonArray([.. old.Select(d => (JsonNode)d.Name)]), ["kept"] = stay }, $"{old.Count} generations would be deleted; {stay} would stay");
        }
        await using IAsyncDisposable held = await server.Lock(session.Cancel);
        IReadOnlyList<GenerationName> deleted = await ServerGenerations.Collect(server, keep, unfinished: true, session.Cancel);
        int kept = (await server.List(session.Cancel)).Count;
        return (new JsonObject { ["deleted"] = new JsonArray([.. deleted.Select(d => (JsonNode)d.Name)]), ["kept"] = kept }, $"deleted {deleted.Count} generations; {kept} stay");
    });

    static bool Do(Session session, IIndexServer? server, Func<IIndexServer, Task<(JsonObject Json, string Line)>> work)
    {
        if (server is null) return false;
        using (server)
        {
            (JsonObject json, string line) = work(server).GetAwaiter().GetResult();
            session.Progress.End();
            if (session.Json) session.Print(json);
            else session.Output.WriteLine(line);
        }
        return true;
    }
}
