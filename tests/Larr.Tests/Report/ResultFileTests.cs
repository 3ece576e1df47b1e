using Larr.Report;
using Larr.Runs;
using Larr.Stats;

namespace Larr.Tests.Report;

public sealed class ResultFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    static readonly ResultFile s_result = new()
    {
        Command = "larr ablate x.json",
        Commit = "abc",
        Date = "2026-01-02",
        Machine = "two cores",
        Seeds = [1, 2],
        BestPossibleAuc = .9,
        Rows =
        [
            ResultRow.Of("baseline", "auc", new Interval(.7, .69, .71), [1, 2]),
            ResultRow.Of("scene", "auc", new Interval(.75, .74, .76), [1, 2]) with { RelaImpr = .25, P = .00001 },
            ResultRow.Of("scene", "seconds", new Interval(12345, double.NaN, double.NaN), [1, 2]),
        ],
    };

    [Fact]
    public void A_result_comes_back_as_written()
    {
        s_result.Write(_folder.At("a/result.json"));
        ResultFile read = ResultFile.Read(_folder.At("a/result.json"));
        Assert.Equal(s_result.ToLine(), read.ToLine());
        Assert.Contains("\"best_possible_auc\":0.9", s_result.ToLine());
        Assert.Contains("\"low\":null", s_result.ToLine());
    }

    [Fact]
    public void The_table_has_one_line_per_setting()
    {
        string table = MarkdownTable.Of(s_result);
        Assert.Contains("| setting | auc (95 % interval) | seconds (95 % interval) | RelaImpr | p (paired, Holm) |", table);
        Assert.Contains("| baseline | 0.7000 [0.6900, 0.7100] |  |  |  |", table);
        Assert.Contains("| scene | 0.7500 [0.7400, 0.7600] | 12,345 | +25.0 % | < .0001 |", table);
        Assert.Contains("Best possible AUC (true click probabilities): 0.9000.", table);
    }

    [Fact]
    public void Tables_of_a_markdown_file_are_replaced_and_the_rest_is_kept()
    {
        s_result.Write(_folder.At("r.json"));
        string path = _folder.Write("README.md", "# Title\n<!-- table r.json -->\nold\n<!-- end -->\nafter\n");
        string filled = ReadmeTables.Fill(path);
        Assert.StartsWith("# Title\n<!-- table r.json -->\n\n| setting |", filled);
        Assert.EndsWith("<!-- end -->\nafter\n", filled);
        Assert.DoesNotContain("old", filled);
        File.WriteAllText(path, filled);
        Assert.Equal(filled, ReadmeTables.Fill(path));
    }

    [Fact]
    public void Metrics_named_after_a_tables_path_are_its_columns()
    {
        s_result.Write(_folder.At("r.json"));
        string path = _folder.Write("README.md", "<!-- table r.json auc -->\n<!-- end -->\n");
        Assert.Contains("| setting | auc (95 % interval) | RelaImpr |", ReadmeTables.Fill(path));
        File.WriteAllText(path, "<!-- table r.json auk -->\n<!-- end -->\n");
        Assert.Contains("found auk; expected one of auc, seconds", Assert.Throws<InputException>(() => ReadmeTables.Fill(path)).Message);
    }

    [Fact]
    public void A_table_that_is_not_closed_is_refused()
    {
        s_result.Write(_folder.At("r.json"));
        string path = _folder.Write("README.md", "<!-- table r.json -->\n");
        Assert.Throws<InputException>(() => ReadmeTables.Fill(path));
    }

    public void Dispose() => _folder.Dispose();
}
