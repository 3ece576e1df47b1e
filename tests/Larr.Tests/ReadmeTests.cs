using System.Text.RegularExpressions;
using Larr.Data;
using Larr.Experiments;
using Larr.Report;
using Larr.Tests.Cli;

namespace Larr.Tests;

/// <summary>The README, and that of the results, say what is: their tables are the committed results, their commands exist, what they link to is there.</summary>
public sealed partial class ReadmeTests
{
    static readonly string[] s_paths = [Path.Combine(Command.Repository, "README.md"), Path.Combine(Command.Repository, "corpus", "README.md")];
    static readonly string s_text = string.Concat(s_paths.Select(File.ReadAllText));

    [Fact]
    public void Their_tables_are_those_of_the_committed_results() => Assert.All(s_paths, path => Assert.Equal(File.ReadAllText(path), ReadmeTables.Fill(path)));

    [Fact]
    public void Every_committed_result_of_an_experiment_is_shown()
    {
        string corpus = Path.Combine(Command.Repository, "corpus");
        foreach (string result in Directory.EnumerateFiles(corpus, "*.json", SearchOption.AllDirectories).Where(f => Path.GetFileName(Path.GetDirectoryName(f)) == "results"))
            Assert.Contains(Path.GetRelativePath(corpus, result).Replace('\\', '/'), s_text);
    }

    [Fact]
    public void The_experiment_that_it_shows_can_be_read_and_has_every_role_that_a_first_one_needs()
    {
        using var folder = new TemporaryFolder();
        string example = Example().Match(s_text).Groups[1].Value;
        Experiment experiment = ExperimentFile.Load(folder.Write("larr.json", example), []).Experiment;
        Assert.Equal("dcnV2", experiment.Ctr.Backbone.ToString(), ignoreCase: true);
        Assert.Contains(experiment.Data.Fields, f => f.Role == FieldRole.Scene);
    }

    [Fact]
    public void What_they_link_to_is_there()
    {
        foreach (string path in s_paths)
            foreach (Match link in Link().Matches(File.ReadAllText(path)))
                Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(path)!, link.Groups[1].Value)), $"{path}: {link.Value}");
    }

    [Fact]
    public void Every_script_they_name_can_be_run()
    {
        string[] scripts = [.. Script().Matches(s_text).Select(m => m.Groups[1].Value).Distinct()];
        Assert.Contains("larr", scripts);
        Assert.Contains("test", scripts);
        foreach (string script in scripts)
        {
            string path = Path.Combine(Command.Repository, "scripts", script);
            Assert.True(File.Exists(path), path);
            if (!OperatingSystem.IsWindows()) Assert.True(File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute), path);
        }
    }

    [Fact]
    public async Task Every_command_they_name_is_known()
    {
        string[] commands = [.. LarrCommand().Matches(s_text).Select(m => m.Groups[1].Value).Distinct()];
        Assert.NotEmpty(commands);
        foreach (string command in commands)
        {
            (int exit, string output, _) = await Command.Run(command, "--help");
            Assert.Equal(0, exit);
            Assert.Contains(command, output);
        }
    }

    [GeneratedRegex(@"\]\((?!https?:)([^)]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"```jsonc\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"scripts/([a-z-]+)")]
    private static partial Regex Script();

    [GeneratedRegex(@"scripts/larr ([a-z]+)")]
    private static partial Regex LarrCommand();
}
