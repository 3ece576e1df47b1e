using System.CommandLine;
using System.Diagnostics;
using Larr.Align;
using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Experiments;
using Larr.Features;
using Larr.Model;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Benchmarks;

/// <summary>
/// Training of DNN 400×3 with embeddings of 10 and batches of 4096 on Frappe: ours against the plain TorchSharp module (<see cref="PlainDnn"/>), same process,
/// rows, order, initial weights. The plain one runs first, with the allocator as the process starts.
/// </summary>
static class CtrBench
{
    const int Smoothing = 10;

    static readonly Option<int> s_threads = new("--threads") { Description = "Torch threads.", DefaultValueFactory = _ => 1 };
    static readonly Option<int> s_epochs = new("--epochs") { Description = "Epochs of each side.", DefaultValueFactory = _ => 3 };
    static readonly Option<bool> s_oursAlone = new("--ours") { Description = "Leaves the plain module out." };
    static readonly Option<string> s_precision = new("--precision") { Description = "auto, float32 or bfloat16.", DefaultValueFactory = _ => "auto" };
    static readonly Option<int> s_rows = new("--rows") { Description = "Generated rows in place of Frappe." };
    static readonly Option<int> s_ids = new("--ids") { Description = "Distinct users of the generated rows.", DefaultValueFactory = _ => 1000 };
    static readonly Option<int> s_trainRows = new("--train-rows") { Description = "Rows of an epoch; the rest only fills the vocabulary. Default: all." };

    public static Command Command() => Measured.Over(
        new Command("ctr", "Training of a click model against a plain TorchSharp module.") { Options = { s_threads, s_epochs, s_oursAlone, s_precision, s_rows, s_ids, s_trainRows } },
        Run);

    static void Run(ParseResult parsed, Measured measured)
    {
        set_num_threads(parsed.GetValue(s_threads));
        string folder = Directory.CreateTempSubdirectory("larr-bench-ctr").FullName;
        try
        {
            bool generated = Rows(parsed, measured, folder);
            var config = new CtrConfig
            {
                EmbeddingDimension = 10,
                Hidden = [400, 400, 400],
                BatchNorm = true,
                Dropout = .2,
                BatchSize = 4096,
                EmbeddingL2 = generated ? 0 : .05,
                MinCount = 1,
                Epochs = parsed.GetValue(s_epochs),
                Patience = int.MaxValue,
                Precision = Enum.Parse<Precision>(parsed.GetValue(s_precision)!, ignoreCase: true),
            };
            using ImpressionTable table = ImpressionTable.Open(folder);
            Compare(config, table, parsed, measured);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Compare(CtrConfig config, ImpressionTable table, ParseResult parsed, Measured measured)
    {
        int[] train = table.RowsOf(Part.Train), validation = table.RowsOf(Part.Validation);
        if (parsed.GetValue(s_trainRows) is > 0 and int some) train = train[..some];
        FeatureMap map = FeatureMap.Build(table, CtrInputs.FieldsOf(table, config), config.MinCount);
        using var model = new CtrModel(config, new AlignConfig { Scene = SceneAggregation.None }, map, table, null, seed: 1);
        var inputs = new CtrInputs(table, config, map, null);

        double plainRate = 0, plainCpu = 0;
        List<double> plainLosses = [];
        if (!parsed.GetValue(s_oursAlone))
        {
            using var module = new PlainDnn(config, model);
            var clock = new EpochClock();
            plainLosses = module.Train(config, inputs, train, clock);
            (double seconds, plainCpu) = clock.Epoch();
            plainRate = train.Length / seconds;
            measured.Headline("plain_rows_per_s", plainRate);
            measured.Headline("plain_auc", module.Auc(inputs, validation));
        }
        NativeMemory.KeepFreed();
        List<double> losses = [];
        var ours = new EpochClock();
        var context = new StageContext(Path.GetTempPath(), 1, ours, CancellationToken.None);
        new CtrFit(model, inputs, train, [], losses.Add).Run(config, seed: 1, fromHere: false, context);
        (double wall, double cpu) = ours.Epoch();
        double rate = train.Length / wall;
        measured.Headline("rows_per_s", rate);
        measured.Headline("auc", CtrMetrics.Of(table, validation, CtrPredictions.Of(model, inputs, validation)).Auc ?? double.NaN);
        if (plainLosses.Count > 0)
        {
            measured.Headline("ratio", rate / plainRate);
            measured.Headline("ratio_of_cpu_time", plainCpu / cpu);
            measured.Headline("loss_difference", Smooth(losses).Zip(Smooth(plainLosses), (a, b) => Math.Abs(a - b)).Max());
        }
        Roof(config, map.Fields.Count, rate, measured);
        measured.Headline("peak_bytes", Peak());
    }

    /// <summary>Means of successive steps: dropout alone makes single steps differ.</summary>
    static IEnumerable<double> Smooth(List<double> losses) => losses.Chunk(Smoothing).Where(c => c.Length == Smoothing).Select(c => c.Average());

    /// <summary>What the products alone would allow: forward, and backward to weights and inputs, at the rate of a square product.</summary>
    static void Roof(CtrConfig config, int fields, double rate, Measured measured)
    {
        int[] widths = [fields * config.EmbeddingDimension, .. config.Hidden, 1];
        double operations = 6.0 * widths.Zip(widths.Skip(1), (a, b) => (double)a * b).Sum();
        double speed = ProductRate(config.Precision.Type());
        measured.Headline("product_gflops", speed / 1e9);
        measured.Headline("share_of_roof", rate * operations / speed);
    }

    static double ProductRate(ScalarType type)
    {
        using var scope = NewDisposeScope();
        const int n = 1024;
        Tensor a = randn(n, n).to(type), b = randn(n, n).to(type);
        double best = 0;
        for (int repeat = 0; repeat < 10; repeat++)
        {
            long start = Stopwatch.GetTimestamp();
            a.mm(b).Dispose();
            best = Math.Max(best, 2.0 * n * n * n / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }

    static bool Rows(ParseResult parsed, Measured measured, string folder)
    {
        int rows = parsed.GetValue(s_rows);
        string? data = Environment.GetEnvironmentVariable("LARR_DATA");
        if (rows == 0 && data is not null && File.Exists(Path.Combine(data, "frappe", "Mobile_Frappe.zip")))
        {
            ExperimentFile file = ExperimentFile.Load(FrappeFile(), []);
            DataStage.Run(file.Experiment.Data, file.Folder, new Dictionary<string, string>(), new StageContext(folder, 1, new Progress<StageProgress>(), CancellationToken.None));
            measured.Remark("rows", "Frappe, uniform negatives");
            return false;
        }
        GeneratedRows.Write(folder, rows == 0 ? 288_609 : rows, parsed.GetValue(s_ids));
        measured.Remark("rows", rows == 0 ? "generated in the shape of Frappe; the data is not here (LARR_DATA)" : "generated");
        return true;
    }

    static string FrappeFile()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LARR.sln"))) folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? throw new InputException("corpus/frappe/larr.json", "not found above the program"), "corpus", "frappe", "larr.json");
    }

    /// <summary>Greatest memory of this process so far, by Linux's own count.</summary>
    static double Peak() => !File.Exists("/proc/self/status") ? Process.GetCurrentProcess().PeakWorkingSet64
        : double.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) * 1024;
}
