using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Larr.Report;
using Larr.Stats;

namespace Larr.Benchmarks;

/// <summary>
/// What one benchmark measured: rows of repeated figures, and headline figures by name. It is printed as a table or as one line of JSON, and
/// saved in the form of every committed result.
/// </summary>
sealed class Measured(ParseResult parsed)
{
    static readonly Option<bool> s_json = new("--json") { Description = "One JSON object as the last line of standard output." };
    static readonly Option<string?> s_save = new("--save") { Description = "Also writes the result to this file." };
    static readonly int[] s_noSeeds = [];

    readonly List<ResultRow> _rows = [];
    readonly JsonObject _headlines = [];

    /// <summary>A benchmark: <paramref name="command"/> with the options that all share; <paramref name="measure"/> fills in the result.</summary>
    public static Command Over(Command command, Action<ParseResult, Measured> measure)
    {
        command.Options.Add(s_json);
        command.Options.Add(s_save);
        command.SetAction(parsed =>
        {
            var measured = new Measured(parsed);
            measure(parsed, measured);
            measured.Finish();
        });
        return command;
    }

    /// <summary>One row: <paramref name="repeats"/> of <paramref name="metric"/> for what <paramref name="name"/> names.</summary>
    public void Add(string name, string metric, params IReadOnlyCollection<double> repeats) =>
        _rows.Add(ResultRow.Of(name, metric, Interval.OfMean(repeats), s_noSeeds));

    /// <summary>A figure that stands at the top level of the JSON line, as a row too.</summary>
    public void Headline(string name, double value)
    {
        _headlines[name] = value;
        Add("headline", name, value);
    }

    /// <summary>A remark at the top level of the JSON line, such as what was left out and why.</summary>
    public void Remark(string name, string text) => _headlines[name] = text;

    void Finish()
    {
        var result = new ResultFile { Command = "scripts/bench " + string.Join(' ', parsed.Tokens.Select(t => t.Value)), Seeds = s_noSeeds, Rows = _rows };
        if (parsed.GetValue(s_save) is { } path) result.Write(path);
        TextWriter output = parsed.InvocationConfiguration.Output;
        if (!parsed.GetValue(s_json))
        {
            output.Write(MarkdownTable.Of(result));
            return;
        }
        JsonObject line = _headlines;
        foreach ((string name, JsonNode? value) in JsonNode.Parse(result.ToLine())!.AsObject()) line[name] = value?.DeepClone();
        output.WriteLine(line.ToJsonString(new JsonSerializerOptions { WriteIndented = false }));
    }
}
