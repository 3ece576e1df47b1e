using System.Text.Json;
using System.Text.Json.Nodes;
using Larr.Data;
using Larr.Runs;

namespace Larr.Tests.Data;

/// <summary>An experiment file of the repository.</summary>
static class ExperimentFile
{
    /// <summary>The folder of corpus/NAME.</summary>
    public static string Folder(string name)
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "LARR.sln"))) folder = Path.GetDirectoryName(folder)!;
        return Path.Combine(folder, "corpus", name);
    }

    /// <summary>Its data section.</summary>
    public static DataConfig Data(string name)
    {
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder(name), "larr.json")), documentOptions: options)!;
        return root["data"].Deserialize<DataConfig>(ConfigReader.Json)!;
    }
}
