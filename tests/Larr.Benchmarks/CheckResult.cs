using System.CommandLine;
using Larr.Report;

namespace Larr.Benchmarks;

/// <summary>What a check counted, saved in the form of every committed result where <c>--save</c> names a file.</summary>
sealed class CheckResult(ParseResult parsed, int seed)
{
    public static readonly Option<string?> Save = new("--save") { Description = "Also writes the result to this file." };

    readonly List<ResultRow> _rows = [];

    /// <summary>Counts of what <paramref name="name"/> names.</summary>
    public void Add(string name, params IEnumerable<(string Metric, double Count)> counts) =>
        _rows.AddRange(counts.Select(c => new ResultRow { Name = name, Metric = c.Metric, Mean = c.Count, Seeds = [seed] }));

    /// <summary>Writes the file.</summary>
    public void Write()
    {
        if (parsed.GetValue(Save) is not { } path) return;
        new ResultFile { Command = "scripts/" + string.Join(' ', parsed.Tokens.Select(t => t.Value)), Seeds = [seed], Rows = _rows }.Write(path);
    }
}
