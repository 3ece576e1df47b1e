using System.CommandLine;
using System.Diagnostics;
using Larr.Align;
using Larr.Ctr;
using Larr.Data;
using Larr.Embed;
using Larr.Experiments;
using Larr.Index;
using Larr.Runs;
using Larr.Serve;
using static TorchSharp.torch;

namespace Larr.Benchmarks;

/// <summary>
/// What a scene costs at serving: encoded from cached value vectors, through the trained module, and as a text that the language model
/// reads per request; and a whole request of 200 candidates.
/// </summary>
static class SceneBench
{
    const int Width = 64, Candidates = 200;

    public static Command Command()
    {
        var scenes = new Option<int>("--scenes") { Description = "Scenes that are timed.", DefaultValueFactory = _ => 20_000 };
        var texts = new Option<int>("--texts") { Description = "Scene texts that are timed.", DefaultValueFactory = _ => 60 };
        var command = new Command("scene", "One scene from cached vectors against its whole text through the language model.") { scenes, texts };
        return Measured.Over(command, (parsed, measured) => Run(parsed.GetValue(scenes), parsed.GetValue(texts), measured));
    }

    static void Run(int count, int textCount, Measured measured)
    {
        set_num_threads(1);
        string folder = Directory.CreateTempSubdirectory("larr-bench-").FullName;
        try
        {
            // The simulated city's own values and sentences: ten scene fields, vectors of the base model.
            ExperimentFile file = ExperimentFile.Load(null, ["simulate.impressions=6000", "simulate.users=100"]);
            var stages = new Stages(file, 0);
            var store = new ArtifactStore(Path.Combine(folder, "runs"), "bench");
            var silent = new Progress<StageProgress>();
            using ImpressionTable table = ImpressionTable.Open(stages.Data.Build(store, silent, default));
            string index = stages.Index(TextSource.Base).Build(store, silent, default);
            using Generation live = new IndexFolder(Path.Combine(index, "index")).OpenLive();
            SceneVectors vectors = SceneVectors.From(table, (f, v) => live.TryGet(f, v, out int row) ? live.Vector(row).ToArray() : throw new InputException(index, f, v, "a vector"), live.Header.Identity);

            double median = Scenes(count, table, vectors, live, folder, measured);
            double text = Texts(textCount, table, file.BaseFolder, measured);
            measured.Headline("ratio_text_to_scene", text / median);
            Requests(table, vectors, live, folder, measured);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static double Scenes(int count, ImpressionTable table, SceneVectors vectors, Generation live, string folder, Measured measured)
    {
        var config = new AlignConfig { Width = Width, Dimension = Width };
        using var generator = new Generator(1);
        using SceneAggregator trained = SceneAggregator.Create(config, vectors, Width, generator)!;
        SceneArtefact.Write(folder, config, vectors, Width, trained);
        SceneEncoder encoder = SceneEncoder.Load(folder, live);
        int[][] codes = [.. Enumerable.Range(0, Math.Min(count, table.Rows)).Select(r => vectors.Fields.Select((f, i) => encoder.Code(i, table.Values(f)[table.Codes(f)[r]])).ToArray())];
        var workspace = new SceneWorkspace(encoder);
        float[] scene = new float[Width];
        double[] micros = new double[count];
        Action<int> encode = i => encoder.Encode(codes[i % codes.Length], workspace, scene);
        Warm(encode);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < count; i++) micros[i] = Micros(i, encode);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        double[] processor = new double[count];
        for (int i = 0; i < count; i++)
        {
            double start = ThreadClock.Micros();
            encode(i);
            processor[i] = ThreadClock.Micros() - start;
        }
        Array.Sort(processor);

        using var grad = no_grad();
        var rows = new SceneRows(table, vectors);
        double[] module = new double[Math.Min(count, 500)];
        double difference = 0;
        for (int i = 0; i < module.Length; i++)
        {
            using var scope = NewDisposeScope();
            SceneBatch batch = rows.Batch([i % codes.Length], CPU);
            long start = Stopwatch.GetTimestamp();
            Tensor expected = trained.forward(batch);
            module[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            encode(i);
            difference = Math.Max(difference, expected.data<float>().ToArray().Zip(scene, (a, b) => Math.Abs(a - (double)b)).Max());
        }
        Array.Sort(micros);
        Array.Sort(module);
        measured.Headline("fields", vectors.Fields.Count);
        measured.Headline("width", Width);
        measured.Headline("scene_us_median", Quantile(micros, .5));
        measured.Headline("scene_us_p99", Quantile(micros, .99));
        measured.Headline("scene_cpu_us_median", Quantile(processor, .5));
        measured.Headline("scene_cpu_us_p99", Quantile(processor, .99));
        measured.Headline("allocated_bytes_per_scene", (double)allocated / count);
        measured.Headline("module_us_median", Quantile(module, .5));
        measured.Headline("ratio_module_to_scene", Quantile(module, .5) / Quantile(micros, .5));
        measured.Headline("largest_difference", difference);
        return Quantile(micros, .5);
    }

    /// <summary>Median microseconds of one scene text through the language model, one text per call as requests come.</summary>
    static double Texts(int count, ImpressionTable table, string model, Measured measured)
    {
        using PackedEmbedder embedder = PackedEmbedder.Load(model, new EmbedConfig());
        IReadOnlyList<FieldConfig> fields = table.FindAll(FieldRole.Scene);
        double[] micros = new double[count];
        long tokens = 0;
        for (int i = -5; i < count; i++)
        {
            int row = (i + 5) * (table.Rows / (count + 5));
            string text = string.Join(", ", fields.Select(f => f.Say(table.Values(f.Name)[table.Codes(f.Name)[row]])));
            long start = Stopwatch.GetTimestamp();
            EmbeddedTexts embedded = embedder.Embed([text]);
            if (i < 0) continue;
            micros[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            tokens += embedded.TokensComputed;
        }
        Array.Sort(micros);
        measured.Headline("text_tokens", (double)tokens / count);
        measured.Headline("text_ms_median", Quantile(micros, .5) / 1000);
        measured.Headline("text_ms_p99", Quantile(micros, .99) / 1000);
        return Quantile(micros, .5);
    }

    static void Requests(ImpressionTable table, SceneVectors vectors, Generation live, string folder, Measured measured)
    {
        var context = new StageContext(Directory.CreateDirectory(Path.Combine(folder, "ctr")).FullName, 1, new Progress<StageProgress>(), default);
        CtrStage.Run(new CtrConfig { Epochs = 1 }, new AlignConfig { Width = Width, Lambda = 0 }, table, vectors, null, context);
        CtrScorer scorer = CtrScorer.Load(context.Folder, live);
        string Value(string field, int row) => table.Values(field)[table.Codes(field)[row]];
        string[][] values = [.. Enumerable.Range(0, 200).Select(r => scorer.Fields.Concat(scorer.SceneFields).Select(f => Value(f, r)).ToArray())];
        IReadOnlyList<string> items = table.Values(scorer.Fields[0]);
        var request = new CtrRequest(scorer, Candidates);
        float[] click = new float[Candidates];
        void Score(int i)
        {
            string[] row = values[i % values.Length];
            request.Clear(Candidates);
            for (int f = 1; f < scorer.Fields.Count; f++) request.Set(f, row[f]);
            for (int c = 0; c < Candidates; c++) request.Set(c, 0, items[(i + c) % items.Count]);
            for (int f = 0; f < scorer.SceneFields.Count; f++) request.SetScene(f, row[scorer.Fields.Count + f]);
            scorer.Score(request, click, []);
        }

        Warm(Score);
        double[] micros = [.. Enumerable.Range(0, 1000).Select(i => Micros(i, Score)).Order()];
        measured.Headline("candidates", Candidates);
        measured.Headline("request_us_median", Quantile(micros, .5));
        measured.Headline("request_us_p99", Quantile(micros, .99));
    }

    // Until the compiler's last tier has replaced the first.
    static void Warm(Action<int> work)
    {
        for (long start = Stopwatch.GetTimestamp(), i = 0; Stopwatch.GetElapsedTime(start).TotalSeconds < 1.5; i++) work((int)i);
    }

    static double Micros(int i, Action<int> work)
    {
        long start = Stopwatch.GetTimestamp();
        work(i);
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    static double Quantile(double[] sorted, double share) => sorted[(int)(share * (sorted.Length - 1))];
}
