using System.Text.Json.Nodes;
using Larr.Experiments;
using Larr.Runs;

namespace Larr.Cli;

/// <summary>One command over one experiment: what was asked, and where to write.</summary>
sealed record Session
{
    public required ExperimentFile File { get; init; }

    public required ArtifactStore Store { get; init; }

    public required ConsoleProgress Progress { get; init; }

    public required TextWriter Output { get; init; }

    public required string Command { get; init; }

    public required bool Json { get; init; }

    public required bool DryRun { get; init; }

    public required CancellationToken Cancel { get; init; }

    public Experiment Experiment => File.Experiment;

    /// <summary>Builds <paramref name="node"/> and what it needs.</summary>
    public string Build(StageNode node) => node.Build(Store, Progress, Cancel);

    /// <summary>Prints what would run for <paramref name="nodes"/>, and why.</summary>
    public void PrintPlan(IEnumerable<StageNode> nodes)
    {
        StageNode[] all = [.. nodes.SelectMany(n => n.Chain()).DistinctBy(n => n.Key.Hash)];
        var reasons = all.Select(n => (n.Key.Stage, Folder: Store.FolderOf(n.Key), Why: Store.WhyRun(n.Key))).ToArray();
        if (Json)
        {
            Print(new JsonArray([.. reasons.Select(r => new JsonObject { ["stage"] = r.Stage, ["folder"] = r.Folder, ["runs"] = r.Why is not null, ["why"] = r.Why })]));
            return;
        }
        foreach ((string stage, string folder, string? why) in reasons)
            Output.WriteLine($"{stage,-10} {(why is null ? "done" : "runs: " + why),-50} {folder}");
        Output.WriteLine($"{reasons.Count(r => r.Why is not null)} of {reasons.Length} stages would run");
    }

    /// <summary>Prints one JSON value on one line.</summary>
    public void Print(JsonNode node) => Output.WriteLine(node.ToJsonString());

    /// <summary>Prints a stage's <c>report.json</c>.</summary>
    public void PrintReport(string stage, string folder)
    {
        Progress.End();
        JsonNode report = JsonNode.Parse(System.IO.File.ReadAllText(Path.Combine(folder, StageContext.ReportFile)))!;
        if (Json) Print(new JsonObject { ["stage"] = stage, ["folder"] = folder, ["report"] = report });
        else Output.WriteLine($"{stage}: {folder}\n{report.ToJsonString(ConfigReader.Json)}");
    }
}
