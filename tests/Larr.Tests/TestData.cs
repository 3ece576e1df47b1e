namespace Larr.Tests;

/// <summary>Files of the data folder; a test that needs one is skipped, with the reason, where it is absent.</summary>
static class TestData
{
    /// <summary>The path of a file below LARR_DATA, or below shared/data beside the checkout.</summary>
    public static string File(params string[] parts)
    {
        string root = Environment.GetEnvironmentVariable("LARR_DATA") ?? Path.Combine(Cli.Command.Repository, "..", "shared", "data");
        string path = Path.Combine([root, .. parts]);
        Assert.SkipUnless(System.IO.File.Exists(path), $"{path} is not there");
        return path;
    }
}
