using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Larr.Runs;

namespace Larr.Embed.Bulk;

/// <summary>
/// Embeds every distinct value of a column into parts on the disk. A part is finished when the journal says so; an interrupted run goes on
/// after the last finished one, and what it leaves is byte for byte what an uninterrupted one leaves. In float32 that holds across machines
/// with the same vector width as well.
/// </summary>
/// <param name="embedder">The model.</param>
/// <param name="config">What to read.</param>
public sealed class BulkEmbedding(PackedEmbedder embedder, BulkConfig config)
{
    /// <summary>Name of the file with the <see cref="BulkReport"/>, written when every part is.</summary>
    public const string ReportFile = "report.json";

    /// <summary>SHA-256 of column and template, as <see cref="SceneTexts.TemplateHash"/> has it of scene fields.</summary>
    string TemplateHash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{config.Column}\t{config.Template}\n")));

    /// <summary>What the vectors were made with.</summary>
    public VectorIdentity Identity => embedder.Identity(TemplateHash);

    /// <summary>Reads, embeds and writes.</summary>
    /// <param name="folder">The output folder: new, or that of the same run, interrupted.</param>
    /// <param name="input">Standard input, for the source <c>-</c>.</param>
    /// <param name="progress">Receives lines about what is done.</param>
    /// <param name="cancel">Stops between batches.</param>
    /// <exception cref="InputException">The source is missing or wrong, a text has no vector, or the folder holds something else.</exception>
    public (BulkReport Report, BulkCost Cost) Run(string folder, Stream input, Action<string> progress, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var bad = new BadTextCount(config.Source, config.Bad);
        IEnumerable<string?> values = config.Source == "-" ? new LineReader(input, bad).Values()
            : Path.GetExtension(config.Source).Equals(".csv", StringComparison.OrdinalIgnoreCase) ? new CsvColumn(config.Source, config.Column, bad).Values()
            : new ColumnReader(config.Source, config.Column).Values();
        var blocks = new ValueBlocks(config, values, bad);
        using var journal = new Journal(folder, Line());
        foreach (string leftOver in Directory.EnumerateFiles(folder, "*" + Disk.Aside)) File.Delete(leftOver);
        (int kept, long tokens, long made, int parts) = (0, 0, 0, 0);
        foreach (ValueBlock block in Ahead(blocks.Read(), cancel))
        {
            parts++;
            if (journal.Has(block))
            {
                kept++;
                continue;
            }
            EmbeddedTexts embedded = embedder.EmbedAny([.. block.Values.Select(config.Say)], null, cancel);
            int[] finite = [.. Enumerable.Range(0, block.Values.Count).Where(i => embedded.Vectors[i].Length > 0)];
            if (finite.Length < block.Values.Count && config.Bad == BadText.Refuse) RefuseNotFinite(block, embedded);
            var part = new Part([.. finite.Select(i => block.Values[i])], [.. finite.Select(i => block.Hashes[i])], [.. finite.Select(i => embedded.Vectors[i])], embedder.Form);
            IReadOnlyList<string> files = part.Write(folder, block.Number, config.Format, Metadata());
            journal.Finish(block, finite.Length, block.Values.Count - finite.Length, embedded.Cut, files);
            tokens += embedded.TokensComputed;
            made += finite.Length;
            progress($"part {block.Number}: {journal.Parts.Sum(p => (long)p.Vectors):N0} vectors, {made / watch.Elapsed.TotalSeconds:N0} a second");
        }
        if (journal.Parts.Count > parts) throw new InputException(config.Source, "values", $"{parts} parts of them", $"the {journal.Parts.Count} parts that the interrupted run read");
        var report = new BulkReport
        {
            Rows = blocks.Rows,
            OtherShards = blocks.OtherShards,
            Duplicates = blocks.Duplicates,
            Empty = bad.Empty,
            NotUtf8 = bad.NotUtf8,
            NotFinite = journal.Parts.Sum(p => (long)p.NotFinite),
            Cut = journal.Parts.Sum(p => (long)p.Cut),
            Vectors = journal.Parts.Sum(p => (long)p.Vectors),
            Parts = journal.Parts.Count,
        };
        Disk.Real.Replace(Path.Combine(folder, ReportFile), JsonSerializer.SerializeToUtf8Bytes(report, ConfigReader.Json));
        double seconds = watch.Elapsed.TotalSeconds;
        return (report, new BulkCost(kept, tokens, seconds, made / seconds, embedder.Form.MeanCosineToFull));
    }

    void RefuseNotFinite(ValueBlock block, EmbeddedTexts embedded)
    {
        int first = Array.FindIndex(embedded.Vectors, v => v.Length == 0);
        throw new InputException(config.Source, $"row {block.Rows[first]}", $"\"{block.Values[first]}\", whose vector is not finite", "a text that the model can embed, or --bad count");
    }

    Dictionary<string, string> Metadata() => new()
    {
        [VectorFile.IdentityKey] = JsonSerializer.Serialize(Identity, JsonSerializerOptions.Web),
        ["larr.precision"] = embedder.Precision,
        ["larr.column"] = config.Column,
        ["larr.template"] = config.Template,
        ["larr.vector"] = embedder.Form.Quantization switch
        {
            Quantization.Int8 => "int8, times scale",
            Quantization.Float16 => "the bits of IEEE half precision",
            _ => "float32",
        },
    };

    /// <summary>All that decides the parts' bytes beside the source itself.</summary>
    string Line() => JsonSerializer.Serialize(new
    {
        Version = 1,
        config.Column,
        config.Template,
        config.Shard,
        config.Shards,
        config.BlockValues,
        Format = config.Format.ToString(),
        Bad = config.Bad.ToString(),
        embedder.Precision,
        embedder.MaxTokens,
        Identity,
    }, Part.Json);

    /// <summary>The same, read on another thread one block ahead.</summary>
    static IEnumerable<ValueBlock> Ahead(IEnumerable<ValueBlock> blocks, CancellationToken cancel)
    {
        using var queue = new BlockingCollection<ValueBlock>(1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task reading = Task.Run(() =>
        {
            try
            {
                foreach (ValueBlock block in blocks) queue.Add(block, stop.Token);
            }
            finally
            {
                queue.CompleteAdding();
            }
        }, CancellationToken.None);
        try
        {
            foreach (ValueBlock block in queue.GetConsumingEnumerable(cancel)) yield return block;
            reading.GetAwaiter().GetResult();
        }
        finally
        {
            stop.Cancel();
            ((IAsyncResult)reading).AsyncWaitHandle.WaitOne();
        }
    }
}
