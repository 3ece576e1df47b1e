using System.Text.RegularExpressions;
using Larr.Report;
using Larr.Tests.Cli;

namespace Larr.Tests;

/// <summary>The README says what is: its tables are the committed results, its commands exist, its folders are there.</summary>
public sealed partial class ReadmeTests
{
    static readonly string s_path = Path.Combine(Command.Repository, "README.md");
    static readonly string s_text = File.ReadAllText(s_path);

    [Fact]
    public void Its_tables_are_those_of_the_committed_results() => Assert.Equal(s_text, ReadmeTables.Fill(s_path));

    [Fact]
    public void Every_script_it_names_can_be_run()
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
    public async Task Every_command_it_names_is_known()
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

    [GeneratedRegex(@"scripts/([a-z-]+)")]
    private static partial Regex Script();

    [GeneratedRegex(@"scripts/larr ([a-z]+)")]
    private static partial Regex LarrCommand();
}
