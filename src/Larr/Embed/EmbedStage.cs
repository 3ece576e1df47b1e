using System.Diagnostics;
using Larr.Data;
using Larr.Runs;

namespace Larr.Embed;

/// <summary>
/// Embeds every distinct value of every scene field once (LARR, arXiv 2408.11523: scene features are encoded separately, so
/// that the language model's work grows with the values and not with the requests) and writes <c>vectors.parquet</c>.
/// </summary>
public static class EmbedStage
{
    /// <summary>Changes when the same inputs would give another result.</summary>
    public const int Version = 5;

    /// <summary>Embeds and writes <c>vectors.parquet</c> (<see cref="VectorFile"/>) and <c>report.json</c>.</summary>
    /// <param name="config">Batches and precision.</param>
    /// <param name="table">The impressions, of all parts.</param>
    /// <param name="encoderFolder">An encoder's folder, or a plain Hugging Face model.</param>
    /// <param name="context">Where to write.</param>
    /// <exception cref="InputException">The table has no scene fields, or the folder holds no model.</exception>
    public static EmbedReport Run(EmbedConfig config, ImpressionTable table, string encoderFolder, StageContext context)
    {
        IReadOnlyList<FieldConfig> fields = table.FindAll(FieldRole.Scene);
        if (fields.Count == 0) throw new InputException("fields", "no field has the role scene: there is nothing to embed");
        IReadOnlyList<ValueText> rows = SceneTexts.Of(table);
        using PackedEmbedder embedder = PackedEmbedder.Load(encoderFolder, config);
        context.Report($"embedding {rows.Count:N0} values of {fields.Count} scene fields");

        var watch = Stopwatch.StartNew();
        EmbeddedTexts embedded = embedder.Embed([.. rows.Select(r => r.Text)], share => context.Report("embedding", share), context.Cancel);
        double seconds = watch.Elapsed.TotalSeconds;

        VectorIdentity identity = embedder.Identity(SceneTexts.TemplateHash(fields));
        new VectorFile(identity, rows, embedded.Vectors).Write(context.File("vectors.parquet"));
        int[] requests = Requests.FirstRows(table);
        long full = WholeSceneTokens(table, fields, requests, embedded.Tokens, embedder.Suffix.Length);
        var report = new EmbedReport(
            identity, requests.Length, rows.Count, embedded.Duplicates, embedded.Cut, embedded.TokensDistinct, embedded.TokensComputed, full, (double)full / embedded.TokensDistinct,
            seconds, rows.Count / seconds, embedded.TokensComputed / seconds, embedder.Form.MeanCosineToFull, fields.ToDictionary(f => f.Name, f => table.Values(f.Name).Count));
        context.WriteReport(report);
        context.Report($"{report.Tokens:N0} tokens read, {report.Ratio:N0} times fewer than one text per request", 1);
        return report;
    }

    /// <summary>Sum over the requests of the tokens of their values, and one suffix for each request.</summary>
    static long WholeSceneTokens(ImpressionTable table, IReadOnlyList<FieldConfig> fields, int[] requests, int[] tokens, int suffix)
    {
        long total = (long)requests.Length * suffix;
        int first = 0;
        foreach (FieldConfig field in fields)
        {
            ReadOnlySpan<int> codes = table.Codes(field.Name);
            foreach (int row in requests) total += tokens[first + codes[row]] - suffix;
            first += table.Values(field.Name).Count;
        }
        return total;
    }
}
