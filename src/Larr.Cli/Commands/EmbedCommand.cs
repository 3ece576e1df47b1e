using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text.Json;
using Larr.Embed;
using Larr.Embed.Bulk;
using Larr.Model;
using Larr.Runs;

namespace Larr.Cli.Commands;

/// <summary><c>larr embed</c>: the stage of an experiment, or with <c>--source</c> the values of any column.</summary>
sealed class EmbedCommand
{
    readonly Option<string?> _source = new("--source") { Description = "Embeds a column of this CSV, Parquet or JSONL file, or - for lines of standard input, instead of an experiment's scenes." };
    readonly Option<string> _column = new("--column") { Description = "The column.", DefaultValueFactory = _ => "value" };
    readonly Option<string?> _model = new("--model") { Description = "Folder of the encoder, or of a Hugging Face model." };
    readonly Option<string> _template = new("--template") { Description = "How a value is said, such as \"the weather is {value}\".", DefaultValueFactory = _ => "{value}" };
    readonly Option<string> _shard = ShardOption.Of("I/N: only values of this share by their hash; I from 0.");
    readonly Option<Quantization> _quantize = new("--quantize") { Description = "Type of the components.", DefaultValueFactory = _ => Quantization.None };
    readonly Option<int?> _width = new("--width") { Description = "Keeps the first components, at length one. Default: all." };
    readonly Option<Precision> _precision = new("--precision") { Description = "Type of the matrix products; auto: bfloat16 where the processor is fast at it.", DefaultValueFactory = _ => Precision.Auto };
    readonly Option<EmbedEngine> _engine = new("--engine") { Description = "What computes: packed, or llama (llama.cpp; see scripts/llama-cpp).", DefaultValueFactory = _ => EmbedEngine.Packed };
    readonly Option<int> _maxTokens = new("--max-tokens") { Description = "Longest text; longer ones are cut and counted.", DefaultValueFactory = _ => 512 };
    readonly Option<BadText> _bad = new("--bad") { Description = "Texts that are empty, no UTF-8 or have no finite vector.", DefaultValueFactory = _ => BadText.Refuse };
    readonly Option<PartFormat> _format = new("--format") { Description = "How vectors are written.", DefaultValueFactory = _ => PartFormat.Parquet };
    readonly Option<int> _block = new("--block") { Description = "Distinct values in one part.", DefaultValueFactory = _ => 16_384 };

    /// <summary>Adds the options to the stage's command.</summary>
    public static Command Over(Command stage)
    {
        var command = new EmbedCommand();
        foreach (Option option in new Option[]
        {
            command._source, command._column, command._model, command._template, command._shard, command._quantize, command._width, command._precision,
            command._engine, command._maxTokens, command._bad, command._format, command._block,
        })
            stage.Options.Add(option);
        var experiment = (AsynchronousCommandLineAction)stage.Action!;
        stage.SetAction((parsed, cancel) => parsed.GetValue(command._source) is null
            ? experiment.InvokeAsync(parsed, cancel)
            : Task.Run(() => command.Run(parsed, cancel), CancellationToken.None));
        return stage;
    }

    int Run(ParseResult parsed, CancellationToken cancel)
    {
        string folder = parsed.GetResult("--out") is { } given && given is not System.CommandLine.Parsing.OptionResult { Implicit: true }
            ? parsed.GetValue<string>("--out")! : throw new InputException("--out", "value", "nothing", "a folder for the vectors, or - for lines of standard output");
        string model = parsed.GetValue(_model) ?? throw new InputException("--model", "value", "nothing", "the folder of an encoder");
        if (parsed.GetValue<bool>("--dry-run")) throw new InputException("--dry-run", "value", "true", "nothing beside --source: what is done already is taken up again, and the rest is embedded");
        int threads = parsed.GetValue<int>("--threads");
        if (threads < 1) throw new InputException("--threads", "value", $"{threads}", "a whole number of at least 1");
        BulkConfig config = Config(parsed);
        TorchSharp.torch.set_num_threads(threads);
        NativeMemory.KeepFreed();
        using PackedEmbedder embedder = PackedEmbedder.Load(model, new EmbedConfig
        {
            Engine = parsed.GetValue(_engine),
            Precision = parsed.GetValue(_precision),
            MaxTokens = parsed.GetValue(_maxTokens),
            Quantize = parsed.GetValue(_quantize),
            Width = parsed.GetValue(_width),
        });
        if (folder == "-") new PipeEmbedding(embedder, config).Run(Console.OpenStandardInput(), parsed.InvocationConfiguration.Output, cancel);
        else Write(parsed, new BulkEmbedding(embedder, config), folder, cancel);
        return 0;
    }

    static void Write(ParseResult parsed, BulkEmbedding embedding, string folder, CancellationToken cancel)
    {
        var progress = ConsoleProgress.Of(parsed.InvocationConfiguration);
        BulkReport report;
        BulkCost cost;
        try
        {
            (report, cost) = embedding.Run(folder, Console.OpenStandardInput(), line => progress.Report(new StageProgress(line)), cancel);
        }
        finally
        {
            progress.End();
        }
        var both = new { Folder = folder, embedding.Identity, Report = report, Cost = cost };
        parsed.InvocationConfiguration.Output.WriteLine(JsonSerializer.Serialize(both, parsed.GetValue<bool>("--json") ? JsonSerializerOptions.Web : ConfigReader.Json));
    }

    BulkConfig Config(ParseResult parsed)
    {
        string template = parsed.GetValue(_template)!;
        if (!template.Contains("{value}", StringComparison.Ordinal)) throw new InputException("--template", "value", $"'{template}'", "a sentence with {value}");
        (int shard, int shards) = ShardOption.Read(parsed.GetValue(_shard)!);
        if (parsed.GetValue(_block) < 1) throw new InputException("--block", "value", $"{parsed.GetValue(_block)}", "a whole number of at least 1");
        string source = parsed.GetValue(_source)!;
        if (parsed.GetValue<string>("--out") == "-" && source != "-") throw new InputException("--out", "value", "'-'", "a folder, where the source is a file");
        return new BulkConfig
        {
            Source = source,
            Column = parsed.GetValue(_column)!,
            Template = template,
            Shard = shard,
            Shards = shards,
            Bad = parsed.GetValue(_bad),
            Format = parsed.GetValue(_format),
            BlockValues = parsed.GetValue(_block),
        };
    }
}
