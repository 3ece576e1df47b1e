using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Larr.Corpus.General;
using Larr.Embed;
using Larr.Pretrain;
using Larr.Runs;

namespace Larr.Cli.Commands;

/// <summary>Commands that make a small base model from general text.</summary>
static class BaseModelCommands
{
    public static Command Text()
    {
        var wordNet = new Option<string>("--wordnet") { Required = true, Description = "Folder of the WordNet database files." };
        var corpora = new Option<string>("--corpora") { Required = true, Description = "Folder of the recipes and brand names." };
        var thesaurus = new Option<string>("--thesaurus") { Required = true, Description = "File of the Moby Thesaurus: a word and its neighbours per line." };
        var output = new Option<string>("--out") { Required = true, Description = "Folder for general.txt and held-out.txt." };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1, Description = "Seed of the order and of the held-out choice." };
        var command = new Command("text", "Writes the general text that a base model is trained on.") { wordNet, corpora, thesaurus, output, seed };
        command.SetAction(parsed =>
        {
            string folder = parsed.GetValue(output)!;
            Directory.CreateDirectory(folder);
            var counts = GeneralText.Write(
                parsed.GetValue(wordNet)!, parsed.GetValue(corpora)!, parsed.GetValue(thesaurus)!, Path.Combine(folder, "general.txt"), Path.Combine(folder, "held-out.txt"),
                parsed.GetValue(seed));
            parsed.InvocationConfiguration.Output.WriteLine(JsonSerializer.Serialize(counts, ConfigReader.Json));
            return 0;
        });
        return command;
    }

    public static Command Base()
    {
        var config = new Argument<string>("config") { Description = "Shape and training of the base model." };
        var text = new Option<string>("--text") { Required = true, Description = "Folder with general.txt and held-out.txt." };
        var output = new Option<string>("--out") { Required = true, Description = "Folder of the artefacts." };
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => Environment.ProcessorCount, Description = "Threads of the tensor library." };
        var command = new Command("base", "Trains a tokenizer and a small base model from general text.") { config, text, output, threads };
        command.SetAction((parsed, cancel) => Task.Run(() =>
        {
            TorchSharp.torch.set_num_threads(parsed.GetValue(threads));
            InvocationConfiguration console = parsed.InvocationConfiguration;
            BaseModelFile file = ConfigReader.Read<BaseModelFile>(parsed.GetValue(config)!, []);
            string general = Path.Combine(parsed.GetValue(text)!, "general.txt"), heldOut = Path.Combine(parsed.GetValue(text)!, "held-out.txt");
            foreach (string path in new[] { general, heldOut })
                if (!File.Exists(path)) throw new InputException(path, "no such file; larr text writes it");
            var inputs = new Dictionary<string, string> { ["general"] = FileHash.Of(general), ["held-out"] = FileHash.Of(heldOut) };
            var store = new ArtifactStore(parsed.GetValue(output)!, CommandLine.Typed(parsed));
            var progress = ConsoleProgress.Of(console);
            string folder = store.Build(
                StageKey.Of("base", BaseModelStage.Version, file.Model, file.Seed, inputs), resumable: true,
                context => BaseModelStage.Run(file.Model, general, heldOut, context), progress, cancel);
            progress.End();
            console.Output.WriteLine(folder);
            return 0;
        }, CancellationToken.None));
        return command;
    }

    public static Command Neighbours()
    {
        var model = new Argument<string>("model") { Description = "Model folder." };
        var words = new Option<string>("--words") { Required = true, Description = "Words to ask for, one per line." };
        var reference = new Option<string>("--reference") { Required = true, Description = "Word vectors in GloVe's text form, .gz or plain." };
        var template = new Option<string>("--template") { DefaultValueFactory = _ => "{value}", Description = "Text in which the model sees a word." };
        var json = new Option<bool>("--json") { Description = "Prints one JSON object." };
        var command = new Command("neighbours", "Compares the nearest neighbours of words by a model with those by other word vectors.") { model, words, reference, template, json };
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(words)!;
            if (!File.Exists(file)) throw new InputException(file, "no such file");
            string text = parsed.GetValue(template)!;
            if (!text.Contains("{value}", StringComparison.Ordinal)) throw new InputException("--template", "text", $"'{text}'", "a text with {value}");
            using PackedEmbedder embedder = PackedEmbedder.Load(parsed.GetValue(model)!, new EmbedConfig());
            WordVectors others = WordVectors.Read(parsed.GetValue(reference)!);
            NeighbourReport report = NeighbourReport.Of(file, [.. File.ReadLines(file)], others.By(embedder, text), others);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
            {
                output.WriteLine(JsonSerializer.SerializeToNode(report, ConfigReader.Json)!.ToJsonString());
                return 0;
            }
            foreach (WordNeighbours word in report.Words)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{word.Word}: {string.Join(", ", word.Model.Take(5))} | {string.Join(", ", word.Reference.Take(5))} | {word.Shared} of {NeighbourReport.Count} | AUC {word.Auc:F3}"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{report.Words.Count} words among {report.Candidates}: {report.MeanShared:F2} of {NeighbourReport.Count} neighbours shared, AUC {report.Auc.Mean:F3} [{report.Auc.Low:F3}, {report.Auc.High:F3}]"));
            return 0;
        });
        return command;
    }

    /// <summary>The configuration file of <c>larr base</c>.</summary>
    sealed record BaseModelFile
    {
        public int Seed { get; init; } = 1;

        public BaseModelConfig Model { get; init; } = new();
    }
}
