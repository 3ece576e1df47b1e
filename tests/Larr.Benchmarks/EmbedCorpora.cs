using Larr.Corpus;
using Larr.Data;
using Larr.Experiments;
using Larr.Runs;
using Larr.Tokens;

namespace Larr.Benchmarks;

/// <summary>What is embedded: texts of one length, and the scenes of the simulated city as requests bring them.</summary>
sealed class EmbedCorpora
{
    const string BaseModel = "models/larr-base", City = "corpus/city/larr.json";

    readonly TextTokenizer _tokenizer;

    /// <summary>Reads the base model's tokenizer.</summary>
    public EmbedCorpora()
    {
        BaseFolder = Path.Combine(Repository, BaseModel);
        _tokenizer = TextTokenizer.Load(BaseFolder);
        _tokenizer.AddSpecial([EmbedToken.Text]);
    }

    /// <summary>The small base model.</summary>
    public string BaseFolder { get; }

    /// <summary>The base model's tokenizer with the embedding token.</summary>
    public TextTokenizer Tokenizer => _tokenizer;

    /// <summary>Rows of a token embedding that all ids here fit.</summary>
    public int Vocabulary => _tokenizer.VocabularySize;

    /// <summary>Random texts that share nothing: ids are drawn evenly.</summary>
    public static int[][] OfLength(int length, int tokens, int vocabulary)
    {
        var random = new Random(length);
        return [.. Enumerable.Range(0, Math.Max(1, tokens / length)).Select(i => Enumerable.Range(0, length).Select(_ => random.Next(vocabulary)).ToArray())];
    }

    /// <summary>
    /// The texts of all scene fields of the first requests of a small city, one after another, with the embedding token: what a system that
    /// keeps no values would embed.
    /// </summary>
    public (int[][] Ids, string[] Texts) Scenes(int requests)
    {
        string folder = Directory.CreateTempSubdirectory("larr-bench-").FullName;
        try
        {
            ExperimentFile file = ExperimentFile.Load(Path.Combine(Repository, City), [$"simulate.impressions={Math.Max(6000, 2 * requests)}", $"base={BaseFolder}"]);
            string data = new Stages(file, 0).Data.Build(new ArtifactStore(folder, "bench", force: false), new Silent(), CancellationToken.None);
            using var table = ImpressionTable.Open(data);
            IReadOnlyList<FieldConfig> fields = table.FindAll(FieldRole.Scene);
            var texts = new List<string>();
            for (int r = 0; r < Math.Min(requests, table.Rows); r++)
                foreach (FieldConfig field in fields) texts.Add(field.Say(table.Values(field.Name)[table.Codes(field.Name)[r]]));
            return ([.. texts.Select(t => _tokenizer.Encode(t + EmbedToken.Text))], [.. texts]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static string Repository
    {
        get
        {
            DirectoryInfo folder = new(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "LARR.sln"))) folder = folder.Parent!;
            return folder.FullName;
        }
    }

    sealed class Silent : IProgress<StageProgress>
    {
        public void Report(StageProgress value)
        {
        }
    }
}
