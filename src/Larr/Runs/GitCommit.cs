using System.Diagnostics;

namespace Larr.Runs;

/// <summary>The commit that the code was run from, for manifests and results.</summary>
public static class GitCommit
{
    /// <summary>Short hash, with "+" where tracked files differ from it; "unknown" outside a repository or without git.</summary>
    public static string Current { get; } = Read();

    static string Read()
    {
        string? hash = Git("rev-parse --short=12 HEAD");
        return hash is null ? "unknown" : hash + (string.IsNullOrEmpty(Git("status --porcelain --untracked-files=no")) ? "" : "+");
    }

    static string? Git(string arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("git", arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = AppContext.BaseDirectory,
            })!;
            string output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
