using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Larr.Data;
using Larr.Runs;

namespace Larr.Serve;

/// <summary>What one run of <see cref="FeatureJoin"/> is asked for.</summary>
public sealed record FeatureJoinOptions
{
    /// <summary>Sources and view of the log.</summary>
    public required DataConfig Log { get; init; }

    /// <summary>Folder that relative paths of the sources start from.</summary>
    public required string BaseFolder { get; init; }

    /// <summary>Values of <c>${NAME}</c> in the sources' paths.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Folder of the feature table.</summary>
    public required string Folder { get; init; }

    /// <summary>Column of the row key; null for the number of the row, from 0.</summary>
    public string? Key { get; init; }

    /// <summary>Rows of a part. A part is what a kill can cost.</summary>
    public int RowsPerPart { get; init; } = 100_000;

    /// <summary>This shard, from 0; it writes every part whose number leaves this remainder when divided by <see cref="Shards"/>.</summary>
    public int Shard { get; init; }

    /// <summary>Number of shards. Their parts together are those of an undivided run, byte for byte.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Threads that encode.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Distinct scenes that are kept to be recognised; 1 KiB each at 256 values.</summary>
    public int MostScenes { get; init; } = 1_000_000;
}

/// <summary>What a shard's parts hold together, earlier runs included.</summary>
/// <param name="Rows">Rows written.</param>
/// <param name="Parts">Files written.</param>
/// <param name="Scenes">Scenes encoded; the other rows found theirs already there.</param>
/// <param name="Unseen">Values without a vector, by field; each reads as its field's mean vector.</param>
/// <param name="RowsOfThisRun">Rows written by this run.</param>
/// <param name="Seconds">Time of this run.</param>
/// <param name="RowsPerSecond">Rows of this run over its time.</param>
public sealed record FeatureReport(
    long Rows, int Parts, long Scenes, IReadOnlyDictionary<string, long> Unseen, long RowsOfThisRun, double Seconds, double RowsPerSecond);

/// <summary>
/// Joins a log of any size with its scene vectors: Parquet parts of row key and vector. Reading, encoding and writing overlap; a part is written aside,
/// flushed and renamed; a run that was killed goes on after its last finished part, and the files are the same to the byte.
/// </summary>
public static class FeatureJoin
{
    /// <summary>Writes the parts of one shard that are not there yet.</summary>
    /// <param name="encoder">The scene encoder.</param>
    /// <param name="encoderFolder">Folder it was loaded from.</param>
    /// <param name="options">Log, folder and shard.</param>
    /// <param name="progress">Receives rows and rate.</param>
    /// <param name="cancel">Stops between parts.</param>
    /// <exception cref="InputException">The log cannot be read, or the folder holds another table.</exception>
    public static FeatureReport Run(SceneEncoder encoder, string encoderFolder, FeatureJoinOptions options, IProgress<StageProgress> progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        var clock = Stopwatch.StartNew();
        var table = FeatureTable.Of(encoder, encoderFolder, options.Log, options.BaseFolder, options.Variables, options.Key, options.RowsPerPart);
        table.Claim(options.Folder);
        string? identity = table.Identity is null ? null : JsonSerializer.Serialize(table.Identity, JsonSerializerOptions.Web);
        string name = $"shard-{options.Shard}-of-{options.Shards}";
        using var held = OwnedLock.Take(Path.Combine(options.Folder, name + ".lock"));
        using var journal = new FeatureJournal(options.Folder, options.Shard, options.Shards);
        long before = journal.Parts.Sum(p => (long)p.Rows);
        if (!journal.Ended)
        {
            var log = new SceneLog(options.Log, options.BaseFolder, options.Variables, Path.Combine(options.Folder, name + ".spill"));
            Pipe(encoder, identity, log, options, journal, progress, clock, cancel);
            journal.Finish();
        }
        long rows = journal.Parts.Sum(p => (long)p.Rows);
        return new FeatureReport(
            rows, journal.Parts.Count, journal.Parts.Sum(p => (long)p.Scenes),
            encoder.Fields.Select((f, i) => (f, Count: journal.Parts.Sum(p => p.Unseen[i]))).ToDictionary(u => u.f, u => u.Count),
            rows - before, clock.Elapsed.TotalSeconds, (rows - before) / clock.Elapsed.TotalSeconds);
    }

    sealed record Encoded(LogPart Part, float[] Vectors, int Scenes);

    // Reading, encoding and writing, each a thread, one part between them.
    static void Pipe(
        SceneEncoder encoder, string? identity, SceneLog log, FeatureJoinOptions options, FeatureJournal journal, IProgress<StageProgress> progress, Stopwatch clock, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var read = new BlockingCollection<LogPart>(1);
        using var encoded = new BlockingCollection<Encoded>(1);
        var cache = new SceneCache(encoder, options.MostScenes);
        int[] finished = [.. journal.Parts.Select(p => p.Part)];
        long rows = 0;
        Task[] tasks =
        [
            Stage(() =>
            {
                foreach (LogPart part in log.Parts(encoder, options.Key, options.RowsPerPart, options.Shard, options.Shards, finished)) read.Add(part, stop.Token);
                read.CompleteAdding();
            }),
            Stage(() =>
            {
                foreach (LogPart part in read.GetConsumingEnumerable(stop.Token))
                {
                    long known = cache.Encoded;
                    float[] vectors = ArrayPool<float>.Shared.Rent(part.Rows * encoder.Dimension);
                    cache.Fill(part, options.Threads, vectors);
                    encoded.Add(new Encoded(part, vectors, (int)(cache.Encoded - known)), stop.Token);
                }
                encoded.CompleteAdding();
            }),
            Stage(() =>
            {
                foreach ((LogPart part, float[] vectors, int scenes) in encoded.GetConsumingEnumerable(stop.Token))
                {
                    Write(part, vectors, scenes, encoder.Dimension, identity, options.Folder, journal);
                    ArrayPool<float>.Shared.Return(vectors);
                    rows += part.Rows;
                    progress.Report(new StageProgress($"{rows:N0} rows, {rows / clock.Elapsed.TotalSeconds:N0} a second", null));
                }
            }),
        ];
        try
        {
            Task.WaitAll(tasks, CancellationToken.None);
        }
        catch (AggregateException e)
        {
            // Of several, the one that made the others stop.
            ExceptionDispatchInfo.Throw(e.InnerExceptions.FirstOrDefault(i => i is not OperationCanceledException) ?? e.InnerExceptions[0]);
        }

        Task Stage(Action work) => Task.Factory.StartNew(() =>
        {
            try
            {
                work();
            }
            catch
            {
                stop.Cancel();
                throw;
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    static void Write(LogPart part, float[] vectors, int scenes, int dimension, string? identity, string folder, FeatureJournal journal)
    {
        string path = Path.Combine(folder, FeatureJournal.FileOf(part.Number)), aside = path + ".partial";
        (long bytes, string hash) = VectorParquet.Write(aside, part.Keys, part.KeyEnds, vectors, part.Rows, dimension, identity);
        Disk.Real.Move(aside, path);
        journal.Add(new FinishedPart(part.Number, part.Rows, bytes, hash, scenes, part.Unseen));
    }
}
