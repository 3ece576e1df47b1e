using System.Text.Json;
using Larr.Model;
using Larr.Pretrain;
using Larr.Runs;
using Larr.Tests.Model;
using Larr.Tokens;
using Larr.Train;
using TorchSharp;
using static TorchSharp.torch;

namespace Larr.Tests.Pretrain;

[Collection("torch")]
public sealed class PretrainStageTests : IDisposable
{
    static readonly PretrainConfig config = new()
    {
        Steps = 50,
        BatchTokens = 128,
        Length = 32,
        Optim = new OptimConfig { LearningRate = 1e-2 },
        Compute = Precision.Float32,
        Stored = StoredType.Float32,
        CheckpointSteps = 10,
        LogSteps = 5,
    };

    static readonly Dictionary<string, string> tokens = new() { ["<|name|>"] = "meal", ["<|category|>"] = "a hot drink" };

    readonly TemporaryFolder folder = new();
    readonly string corpus, heldOut;

    public PretrainStageTests()
    {
        TextTokenizer tokenizer = SmallModel.Tokenizer();
        using Decoder decoder = SmallModel.Decoder(tokenizer);
        HuggingFaceFolder.Save(decoder, tokenizer, folder.At("base"), ScalarType.Float32);
        corpus = folder.Write("documents.txt", string.Join("\n", Enumerable.Range(0, 40).Select(i => $"<|name|> shop {i % 7} <|category|> {(i % 7 < 3 ? "coffee and tea" : "soup and rice")}")));
        heldOut = folder.Write("held-out.txt", "<|name|> shop 1 <|category|> coffee and tea\n<|name|> shop 5 <|category|> soup and rice\n");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Training_lowers_held_out_perplexity_and_writes_a_model()
    {
        PretrainReport report = Run(config, "run");
        Assert.Equal(["<|category|>", "<|name|>"], report.AddedTokens);
        Assert.InRange(report.Before.PerToken, 100, 1000);
        Assert.True(report.After.BitsPerByte < report.Before.BitsPerByte / 2, $"{report.Before} → {report.After}");
        (Decoder decoder, TextTokenizer tokenizer) = HuggingFaceFolder.Load(folder.At("run/model"));
        using (decoder)
        {
            Assert.True(tokenizer.Has("<|name|>"));
            Assert.Equal(report.After, Perplexity.Of(decoder, tokenizer, File.ReadLines(heldOut), 32));
        }
        Assert.Equal(11, File.ReadAllLines(folder.At("run/curve.csv")).Length);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(folder.At("run/report.json")));
        Assert.Equal(report.After.BitsPerByte, json.RootElement.GetProperty("after").GetProperty("bitsPerByte").GetDouble());
        Assert.Empty(Directory.EnumerateDirectories(folder.At("run"), "checkpoint*"));
    }

    [Fact]
    public void A_stopped_run_goes_on_to_the_bits_of_an_uninterrupted_one()
    {
        Run(config, "whole");
        Assert.Throws<OperationCanceledException>(() => Run(config, "stopped", stopAt: "step 35/"));
        Assert.True(Directory.Exists(folder.At("stopped/checkpoint-30")));
        Run(config, "stopped");
        Assert.Equal(File.ReadAllBytes(folder.At("whole/model/model.safetensors")), File.ReadAllBytes(folder.At("stopped/model/model.safetensors")));
        Assert.Equal(Column("whole", 1), Column("stopped", 1));

        string[] Column(string run, int column) => [.. File.ReadLines(folder.At($"{run}/curve.csv")).Select(l => l.Split(',')[column])];
    }

    [Fact]
    public void Targets_replay_and_small_parts_train_too()
    {
        PretrainReport report = Run(config with { Steps = 10, TargetOnly = true, ReplayFile = heldOut, ReplayShare = 0.25, MicroBatchTokens = 32 }, "run");
        Assert.True(report.After.PerToken < report.Before.PerToken);
        Assert.Throws<InvalidOperationException>(() => Run(config with { TargetOnly = true, TargetTokens = ["<|menu|>"] }, "other"));
    }

    [Fact]
    public void A_run_leaves_no_tensors()
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Run(config with { Steps = 3 }, "run");
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_base_model_is_made_from_text_alone()
    {
        string text = folder.Write("general.txt", string.Join("\n", SmallModel.Texts));
        var context = new StageContext(Directory.CreateDirectory(folder.At("base-run")).FullName, 3, new Listener(_ => { }), default);
        PretrainReport report = BaseModelStage.Run(new BaseModelConfig { Shape = DecoderConfig.Nano with { VocabularySize = 300 }, Training = config with { Stored = StoredType.BFloat16 } }, text, text, context);
        Assert.True(report.After.BitsPerByte < report.Before.BitsPerByte / 2, $"{report.Before} → {report.After}");
        using var weights = new SafetensorsReader(folder.At("base-run/model/model.safetensors"));
        Assert.All(weights.Entries.Values, e => Assert.Equal(ScalarType.BFloat16, e.Type));
    }

    [Fact]
    public void A_missing_or_blank_corpus_is_refused()
    {
        string blank = folder.Write("blank.txt", "\n \n");
        foreach (string file in new[] { blank, folder.At("nothing.txt") })
        {
            var context = new StageContext(folder.Path, 1, new Listener(_ => { }), default);
            Assert.Contains(file, Assert.Throws<InputException>(() => PretrainStage.Run(config, folder.At("base"), file, heldOut, tokens, context)).Message);
        }
    }

    PretrainReport Run(PretrainConfig config, string name, string? stopAt = null)
    {
        using var stop = new CancellationTokenSource();
        var listener = new Listener(text => { if (stopAt is not null && text.StartsWith(stopAt, StringComparison.Ordinal)) stop.Cancel(); });
        var context = new StageContext(Directory.CreateDirectory(folder.At(name)).FullName, 5, listener, stop.Token);
        return PretrainStage.Run(config, folder.At("base"), corpus, heldOut, tokens, context);
    }

    sealed class Listener(Action<string> heard) : IProgress<StageProgress>
    {
        public void Report(StageProgress value) => heard(value.Text);
    }
}
