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

    public static TheoryData<string, PretrainConfig> Ways => new()
    {
        { "accumulated", config with { MicroBatchTokens = 32 } },
        { "low rank", config with { LowRank = new LowRankConfig { Rank = 2 }, Recompute = true } },
        { "new tokens first", config with { NewTokenSteps = 6 } },
        { "replay", config with { ReplayShare = 0.5, ReplayHeldOutShare = 0.3, Compute = Precision.BFloat16, MicroBatchTokens = 64 } },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Killed_at_any_step_every_way_of_training_goes_on_to_the_same_bits(string way, PretrainConfig trained)
    {
        trained = trained with { Steps = 12, CheckpointSteps = 4, LogSteps = 1 };
        if (way == "replay") trained = trained with { ReplayFile = folder.Write("general.txt", string.Join("\n", SmallModel.Texts.SelectMany(t => t.Split(". ")))) };
        Run(trained, "whole");
        foreach (int step in new[] { 3, 7, 9 }) // before a first checkpoint, and twice after one
            Assert.Throws<OperationCanceledException>(() => Run(trained, "stopped", stopAt: $"step {step}/"));
        Run(trained, "stopped");
        string[] files = ["model/model.safetensors", .. way == "low rank" ? new[] { "adapter/adapter_model.safetensors" } : []];
        foreach (string file in files) Assert.Equal(File.ReadAllBytes(folder.At($"whole/{file}")), File.ReadAllBytes(folder.At($"stopped/{file}")));
    }

    [Fact]
    public void At_first_only_the_rows_of_new_tokens_move()
    {
        (Decoder before, TextTokenizer old) = HuggingFaceFolder.Load(folder.At("base"));
        Run(config with { Steps = 4, NewTokenSteps = 4 }, "run");
        (Decoder after, TextTokenizer tokenizer) = HuggingFaceFolder.Load(folder.At("run/model"));
        using var scope = NewDisposeScope();
        using (before)
        using (after)
        {
            Dictionary<string, Tensor> were = before.state_dict(), are = after.state_dict();
            foreach ((string name, Tensor weight) in were) Assert.True(are[name].narrow(0, 0, weight.size(0)).equal(weight).all().item<bool>(), name);
            PretrainReport started = Run(config with { Steps = 1, NewTokenSteps = 1, Optim = new OptimConfig { LearningRate = 1e-30 } }, "start");
            using Decoder start = HuggingFaceFolder.Load(folder.At("start/model")).Decoder;
            Assert.False(start.EmbeddingWeight[tokenizer.Id("<|name|>")].allclose(after.EmbeddingWeight[tokenizer.Id("<|name|>")]));
            Assert.Equal(old.VocabularySize + 2, tokenizer.VocabularySize);
            Assert.Equal(2, started.AddedTokens.Count);
        }
    }

    [Fact]
    public void Low_rank_changes_train_less_and_are_saved_merged_and_alone()
    {
        PretrainReport report = Run(config with { LowRank = new LowRankConfig { Rank = 4 } }, "run");
        Assert.True(report.After.BitsPerByte < report.Before.BitsPerByte, $"{report.Before} → {report.After}");
        Assert.True(report.TrainedParameters > 0 && report.TrainedParameters != report.Parameters);
        using Decoder merged = HuggingFaceFolder.Load(folder.At("run/model")).Decoder;
        Assert.Equal(report.Parameters, merged.parameters().Sum(p => p.numel()));
        Assert.Equal(report.After, Perplexity.Of(merged, HuggingFaceFolder.Load(folder.At("run/model")).Tokenizer, File.ReadLines(heldOut), 32));
        using var adapter = new SafetensorsReader(folder.At("run/adapter/adapter_model.safetensors"));
        Assert.Equal(2 * 7 * 2 + 1, adapter.Entries.Count); // two layers, seven maps, A and B; the token rows
    }

    [Fact]
    public void Replay_keeps_general_text_likelier_than_training_without_it()
    {
        string general = folder.Write("general.txt", string.Join("\n", SmallModel.Texts.SelectMany(t => t.Split(". "))));
        PretrainConfig replay = config with { ReplayFile = general, ReplayHeldOutShare = 0.3 };
        PretrainReport with = Run(replay with { ReplayShare = 0.5 }, "with"), without = Run(replay with { ReplayShare = 0 }, "without");
        Assert.Equal(with.GeneralBefore, without.GeneralBefore);
        Assert.True(with.GeneralAfter!.BitsPerByte < without.GeneralAfter!.BitsPerByte, $"{with.GeneralAfter} {without.GeneralAfter}");
    }

    [Fact]
    public void A_document_longer_than_the_context_is_refused_and_one_longer_than_a_row_is_counted()
    {
        string words = string.Join(' ', Enumerable.Repeat("coffee", 40)), more = string.Join(' ', Enumerable.Repeat("soup and rice", 200));
        Assert.Equal(1, Run(config with { Steps = 1 }, "cut", documents: folder.Write("cut.txt", words + "\ntea\n")).CutDocuments);
        InputException refused = Assert.Throws<InputException>(() => Run(config, "long", documents: folder.Write("long.txt", $"tea\n{more}\n")));
        Assert.Contains("long.txt", refused.Message);
        Assert.Contains("at most 128", refused.Message);
    }

    [Fact]
    public void Targets_replay_and_small_parts_train_too()
    {
        PretrainReport report = Run(config with { Steps = 10, TargetOnly = true, ReplayFile = heldOut, ReplayShare = 0.25, MicroBatchTokens = 32 }, "run");
        Assert.True(report.After.PerToken < report.Before.PerToken);
        Assert.Contains("targetOnly", Assert.Throws<InputException>(() => Run(config with { TargetOnly = true }, "other", targets: ["<|menu|>"])).Message);
        PretrainReport rare = Run(config with { Steps = 3, TargetOnly = true }, "rare", documents: folder.Write("rare.txt", "<|category|> tea\n" + string.Concat(Enumerable.Repeat("<|name|> shop\n", 200))));
        Assert.True(double.IsFinite(rare.After.PerToken)); // steps without a target leave the model as it is
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
            Assert.Contains(file, Assert.Throws<InputException>(() => PretrainStage.Run(config, folder.At("base"), file, heldOut, tokens, [], context)).Message);
        }
    }

    PretrainReport Run(PretrainConfig config, string name, string? stopAt = null, string? documents = null, string[]? targets = null)
    {
        using var stop = new CancellationTokenSource();
        Listener listener = stopAt is null ? new Listener(_ => { }) : Listener.StoppingAt(stopAt, stop);
        var context = new StageContext(Directory.CreateDirectory(folder.At(name)).FullName, 5, listener, stop.Token);
        return PretrainStage.Run(config, folder.At("base"), documents ?? corpus, heldOut, tokens, targets ?? ["<|category|>"], context);
    }
}
