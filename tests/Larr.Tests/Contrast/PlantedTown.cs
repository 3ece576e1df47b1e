using Larr.Contrast;
using Larr.Corpus;
using Larr.Data;
using Larr.Model;
using Larr.Runs;
using Larr.Tests.Corpus;
using Larr.Tokens;
using TorchSharp;

namespace Larr.Tests.Contrast;

/// <summary>A town where weather decides what is clicked and every user has one taste; with its corpus and a nano model from noise.</summary>
sealed class PlantedTown : IDisposable
{
    public static readonly string[] Weathers = ["light rain", "heavy snow", "hot sun", "thick fog"], Categories = ["noodle soup", "dumplings", "ice cream", "coffee"];
    static readonly string[] s_words = ["golden", "blue", "old", "dawn", "river", "corner", "happy", "lucky", "stone", "garden"];

    readonly SmallTable _small;
    readonly StageFolder _corpus = new(), _model = new();

    public PlantedTown(Part last = Part.Test, bool withUsers = true)
    {
        var random = new Random(11);
        var rows = new List<Shown>();
        for (int r = 0; r < 8000; r++)
        {
            int weather = random.Next(4), user = random.Next(80), shop = random.Next(160);
            bool click = random.NextDouble() < (shop % 4 == weather ? 0.5 : 0.02) + (shop % 4 == user % 4 ? 0.5 : 0);
            Part part = r % 10 == 9 ? last : Part.Train;
            rows.Add(new($"user {user}", $"shop {shop}", Weathers[weather], "lunch", (byte)(click ? 1 : 0), part));
        }
        Dictionary<string, (string, string)> items = Enumerable.Range(0, 160).ToDictionary(s => $"shop {s}",
            s => ($"{s_words[s / 4 % 10]} {s_words[random.Next(10)]}", Categories[s % 4]));
        _small = new(rows, items, withUsers);
        CorpusStage.Run(new() { HeldOutShare = 0.2 }, Table, _corpus.Context);
        var tokenizer = TextTokenizer.Train(File.ReadLines(Path.Combine(CorpusFolder, "documents.txt")), 340, ["<|endoftext|>"]);
        using var decoder = new Decoder(new() { VocabularySize = tokenizer.VocabularySize, Width = 32, Layers = 2, Heads = 2, KeyValueHeads = 1, HeadWidth = 16, FeedForwardWidth = 64 }, seed: 3);
        HuggingFaceFolder.Save(decoder, tokenizer, ModelFolder, torch.ScalarType.Float32);
    }

    public ImpressionTable Table => _small.Table;

    public string CorpusFolder => _corpus.Path;

    public string ModelFolder => _model.Path;

    public static ContrastConfig Config { get; } = new()
    {
        Batch = 16,
        Steps = 60,
        Dimension = 16,
        Pooling = Pooling.LastToken,
        HeldOutShare = 0.25,
        LogEvery = 5,
        Precision = Precision.Float32,
        Optim = new() { LearningRate = 3e-3, WeightDecay = 0.01, WarmupShare = 0.1 },
    };

    public PairSource Source(ContrastConfig? config = null) => new(Table, CorpusFolder, config ?? Config, seed: 1);

    public ContrastReport Train(ContrastConfig config, StageContext context) => ContrastStage.Run(config, Table, CorpusFolder, ModelFolder, context);

    public void Dispose()
    {
        _small.Dispose();
        _corpus.Dispose();
        _model.Dispose();
    }
}
