using Larr.Cli;

namespace Larr.Tests.Cli;

/// <summary>Runs the command in this process and keeps what it printed.</summary>
static class Command
{
    public static async Task<(int Exit, string Output, string Error)> Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exit = await CommandLine.RunAsync(args, output, error);
        return (exit, output.ToString(), error.ToString());
    }

    /// <summary>The folder of the repository that the tests were built in.</summary>
    public static string Repository { get; } = FindRepository();

    static string FindRepository()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "LARR.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
