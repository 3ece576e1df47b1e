using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Larr.Embed;
using Larr.Index;

namespace Larr.Benchmarks;

/// <summary>
/// The index at size: a full build, a refresh after 1 % of the texts changed, lookups, exact search, and approximate search with its recall.
/// The vectors are made up (<see cref="MadeIndex"/>), so embedding is not part of the times unless a checkpoint is named.
/// </summary>
static class IndexBench
{
    const double Changed = 0.01;
    const int Nearest = 10;

    public static Command Command()
    {
        var rows = new Option<int>("--rows") { Description = "Rows of the index.", DefaultValueFactory = _ => 1_000_000 };
        var dimension = new Option<int>("--dimension") { Description = "Components of a vector.", DefaultValueFactory = _ => 64 };
        var type = new Option<VectorType>("--type") { Description = "Type of the components.", DefaultValueFactory = _ => VectorType.Float32 };
        var queries = new Option<int>("--queries") { Description = "Queries of the searches.", DefaultValueFactory = _ => 1000 };
        var threads = new Option<int>("--threads") { Description = "Threads of the searches.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var repeats = new Option<int>("--repeats") { Description = "Refreshes and searches that are timed.", DefaultValueFactory = _ => 3 };
        var folder = new Option<string?>("--folder") { Description = "Where the index is built. Default: a temporary folder." };
        var dump = new Option<string?>("--dump") { Description = "Also writes vectors.f32, queries.f32 and shape.txt into this folder, for scripts/faiss." };
        var model = new Option<string?>("--model") { Description = "Checkpoint whose speed on the changed texts gives the shares with embedding. Default: none." };
        var command = new Command("index", "Build, refresh, lookups and searches of an index.");
        foreach (Option option in new Option[] { rows, dimension, type, queries, threads, repeats, folder, dump, model }) command.Options.Add(option);
        return Measured.Over(command, (parsed, measured) =>
        {
            string path = parsed.GetValue(folder) ?? Directory.CreateTempSubdirectory("larr-bench-").FullName;
            try
            {
                var made = new MadeIndex(parsed.GetValue(rows), parsed.GetValue(dimension));
                var config = new IndexConfig { Type = parsed.GetValue(type), KeepGenerations = 1 };
                var index = new IndexFolder(Path.Combine(path, "index"));
                (double build, double refresh) = Refreshes(made, index, config, parsed.GetValue(repeats), measured);
                if (parsed.GetValue(model) is { } checkpoint) WithEmbedding(checkpoint, made, build, refresh, measured);
                using Generation live = index.OpenLive();
                Lookups(live, made, parsed.GetValue(repeats), measured);
                float[] batch = [.. Enumerable.Range(0, parsed.GetValue(queries)).SelectMany(q => made.Vector($"query {q}"))];
                Searches(live, batch, parsed.GetValue(threads), parsed.GetValue(repeats), measured);
                if (parsed.GetValue(dump) is { } to) Dump(live, batch, parsed.GetValue(threads), to);
            }
            finally
            {
                if (parsed.GetValue(folder) is null) Directory.Delete(path, recursive: true);
            }
        });
    }

    static (double Build, double Refresh) Refreshes(MadeIndex made, IndexFolder index, IndexConfig config, int repeats, Measured measured)
    {
        ValueText[] first = made.Wanted(0, 0);
        float[][] vectors = made.Embed([.. first.Select(r => r.Text)]);
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        RefreshReport built = IndexRefresh.Run(config, index, made.Identity, first, _ => vectors);
        double build = watch.Elapsed.TotalSeconds, buildProcessor = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
        vectors = [];
        measured.Headline("build_s", build);
        if (built.Recall is { } recall) measured.Headline("build_recall", recall);

        // One refresh warms up; the rounds say other texts each time, so that each changes 1 %.
        List<double> seconds = [], processors = [];
        for (int round = 1; round <= repeats + 1; round++)
        {
            ValueText[] wanted = made.Wanted(round, Changed);
            float[][] fresh = [];
            string[] texts = [];
            // The vectors are made beforehand: what is timed is the index.
            using (Generation live = index.OpenLive())
            {
                IndexComparison comparison = IndexComparison.Of(wanted, live);
                texts = [.. comparison.Embedded.Select(w => wanted[w].Text)];
                fresh = made.Embed(texts);
            }
            GC.Collect();
            processor = Environment.CpuUsage.TotalTime;
            watch.Restart();
            RefreshReport report = IndexRefresh.Run(config, index, made.Identity, wanted, asked => asked.Count == texts.Length ? fresh : [.. fresh, .. made.Embed([.. asked.Skip(texts.Length)])]);
            (double taken, double busy) = (watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
            Console.Error.WriteLine($"refresh {round}: {taken:F3} s, {busy:F3} s of processors, {report.Plan}");
            if (round == 1) continue;
            seconds.Add(taken);
            processors.Add(busy);
        }
        measured.Add("refresh after 1 % change", "s", seconds);
        measured.Headline("refresh_s", seconds.Average());
        measured.Headline("refresh_share", seconds.Average() / build);
        measured.Headline("refresh_processor_share", processors.Average() / buildProcessor); // less disturbed where others use the machine
        return (build, seconds.Average());
    }

    /// <summary>The share with embedding: the changed texts are embedded for real, and all texts are taken to cost as much each.</summary>
    static void WithEmbedding(string checkpoint, MadeIndex made, double build, double refresh, Measured measured)
    {
        using PackedEmbedder embedder = PackedEmbedder.Load(checkpoint, new EmbedConfig());
        string[] texts = [.. made.Wanted(1, Changed).Where(r => r.Text.EndsWith("round 1", StringComparison.Ordinal)).Select(r => r.Text)];
        embedder.Embed(texts[..Math.Min(64, texts.Length)]);
        var watch = Stopwatch.StartNew();
        embedder.Embed(texts);
        double each = watch.Elapsed.TotalSeconds / texts.Length;
        measured.Headline("embed_texts_per_s", 1 / each);
        measured.Headline("refresh_share_with_embedding", (refresh + (each * texts.Length)) / (build + (each * made.Rows)));
        measured.Remark("embedding", $"{texts.Length} changed texts embedded; the full build's share is that many times its rows");
    }

    static void Lookups(Generation live, MadeIndex made, int repeats, Measured measured)
    {
        ValueText[] rows = made.Wanted(1, Changed);
        new Random(1).Shuffle(rows);
        UInt128[] ids = [.. rows.Select(r => ContentHash.Of(r.Field, r.Value))];
        int[] found = new int[ids.Length];
        const int Batch = 4096;
        float[] vectors = new float[Batch * live.Dimension];
        live.Find(ids, found);
        live.Gather(found.AsSpan(0, Math.Min(Batch, found.Length)), vectors);

        List<double> gets = [], gathers = [], names = [];
        for (int repeat = 0; repeat < repeats; repeat++)
        {
            gets.Add(Rate(ids.Length, () =>
            {
                for (int i = 0; i < ids.Length; i += Batch) live.Find(ids.AsSpan(i, Math.Min(Batch, ids.Length - i)), found.AsSpan(i));
            }));
            gathers.Add(Rate(ids.Length, () =>
            {
                for (int i = 0; i < ids.Length; i += Batch)
                {
                    int count = Math.Min(Batch, ids.Length - i);
                    live.Find(ids.AsSpan(i, count), found.AsSpan(i));
                    live.Gather(found.AsSpan(i, count), vectors);
                }
            }));
            names.Add(Rate(rows.Length, () =>
            {
                foreach (ValueText row in rows) live.TryGet(row.Field, row.Value, out _);
            }));
        }
        measured.Add("one thread", "get_per_s", gets);
        measured.Add("one thread", "get_with_vector_per_s", gathers);
        measured.Add("one thread", "get_by_name_per_s", names);
        measured.Headline("get_per_s", gets.Max());
        measured.Headline("get_with_vector_per_s", gathers.Max());
    }

    static void Searches(Generation live, float[] batch, int threads, int repeats, Measured measured)
    {
        int queries = batch.Length / live.Dimension;
        var all = new SearchFilter();
        Hit[][] exact = live.Search(batch, Nearest, all, threads);
        measured.Headline("exact_qps", Queries(measured, "exact, all queries at once", queries, repeats, () => live.Search(batch, Nearest, all, threads)));
        int few = Math.Min(20, queries);
        measured.Headline("exact_single_qps", Queries(measured, "exact, one query at a time", few, repeats, () =>
        {
            for (int q = 0; q < few; q++) live.Search(batch.AsSpan(q * live.Dimension, live.Dimension), Nearest, all, threads);
        }));

        foreach (int probes in new[] { 1, 2, 4, 8, 16, 32, 64, 128, 0 })
        {
            if (live.Count < new IndexConfig().ApproximateFrom) break;
            Hit[][] found = live.SearchApproximate(batch, Nearest, all, probes, threads);
            double recall = exact.Zip(found, (e, f) => e.Select(h => h.Row).Intersect(f.Select(h => h.Row)).Count()).Sum() / (double)exact.Sum(e => e.Length);
            string name = probes == 0 ? "approximate, default" : $"approximate, {probes} lists";
            measured.Add(name, "recall@10", recall);
            double best = Queries(measured, name, queries, repeats, () => live.SearchApproximate(batch, Nearest, all, probes, threads));
            if (probes > 0) continue;
            measured.Headline("approximate_qps", best);
            measured.Headline("approximate_recall", recall);
        }
    }

    /// <summary>Queries a second by the clock, and by the processors, which says what a core gives also where others use the machine.</summary>
    /// <returns>The best by the clock.</returns>
    static double Queries(Measured measured, string name, int queries, int repeats, Action search)
    {
        (double[] clock, double[] processors) = (new double[repeats], new double[repeats]);
        for (int repeat = 0; repeat < repeats; repeat++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            clock[repeat] = Rate(queries, search);
            processors[repeat] = queries / (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        }
        measured.Add(name, "qps", clock);
        measured.Add(name, "qps_of_a_processor", processors);
        return clock.Max();
    }

    /// <summary>Raw little-endian float32, for another program.</summary>
    static void Dump(Generation live, float[] batch, int threads, string folder)
    {
        Directory.CreateDirectory(folder);
        using (FileStream vectors = File.Create(Path.Combine(folder, "vectors.f32")))
            foreach (int row in live.Rows()) vectors.Write(MemoryMarshal.AsBytes(live.Vector(row)));
        File.WriteAllBytes(Path.Combine(folder, "queries.f32"), MemoryMarshal.AsBytes<float>(batch).ToArray());
        File.WriteAllText(Path.Combine(folder, "shape.txt"), $"{live.Count} {live.Dimension} {batch.Length / live.Dimension} {threads}\n");
    }

    static double Rate(int count, Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return count / watch.Elapsed.TotalSeconds;
    }
}
