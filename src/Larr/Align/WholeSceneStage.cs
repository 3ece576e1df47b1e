using System.Diagnostics;
using System.Text.Json;
using Larr.Data;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Align;

/// <summary>What the whole-scene stage cost.</summary>
/// <param name="Scenes">Distinct scenes, each read once.</param>
/// <param name="Tokens">Tokens that went through the language model.</param>
/// <param name="Seconds">Time of embedding.</param>
public sealed record WholeSceneReport(int Scenes, long Tokens, double Seconds);

/// <summary>
/// The slow reference that LARR (arXiv 2408.11523) avoids: every distinct scene goes through the language model as one text, its values said one
/// after the other. Writes <c>scenes.f32</c> ([scenes, D], in the order of <see cref="DistinctScenes"/>), <c>identity.json</c> and <c>report.json</c>.
/// </summary>
public static class WholeSceneStage
{
    /// <summary>Raised when the same inputs give other outputs.</summary>
    public const int Version = 1;

    const string VectorsFile = "scenes.f32", IdentityFile = "identity.json";

    /// <summary>Runs the stage.</summary>
    /// <param name="config">Batches and precision.</param>
    /// <param name="table">The impressions.</param>
    /// <param name="encoderFolder">An encoder's folder, or a plain Hugging Face model.</param>
    /// <param name="context">Where to write.</param>
    /// <exception cref="InputException">The table has no scene fields, or the folder holds no model.</exception>
    public static WholeSceneReport Run(EmbedConfig config, ImpressionTable table, string encoderFolder, StageContext context)
    {
        IReadOnlyList<FieldConfig> fields = table.FindAll(FieldRole.Scene);
        if (fields.Count == 0) throw new InputException("fields", "no field has the role scene: there is nothing to embed");
        DistinctScenes scenes = DistinctScenes.Of(table, DistinctScenes.FieldsOf(table));
        using PackedEmbedder embedder = PackedEmbedder.Load(encoderFolder, config);
        context.Report($"embedding {scenes.Count:N0} whole scenes");
        var watch = Stopwatch.StartNew();
        EmbeddedTexts embedded = embedder.Embed([.. Enumerable.Range(0, scenes.Count).Select(s => Text(table, fields, scenes, s))], share => context.Report("embedding", share), context.Cancel);
        float[] vectors = new float[checked(scenes.Count * embedder.Dimension)];
        for (int s = 0; s < scenes.Count; s++) embedded.Vectors[s].CopyTo(vectors, s * embedder.Dimension);
        ColumnFile<float>.Write(context.File(VectorsFile), vectors);
        File.WriteAllBytes(context.File(IdentityFile), JsonSerializer.SerializeToUtf8Bytes(embedder.Identity(SceneTexts.TemplateHash(fields)), ConfigReader.Json));
        var report = new WholeSceneReport(scenes.Count, embedded.TokensComputed, watch.Elapsed.TotalSeconds);
        context.WriteReport(report);
        return report;
    }

    /// <summary>The vectors that <see cref="Run"/> wrote for <paramref name="table"/>.</summary>
    public static SceneVectors Read(string folder, ImpressionTable table)
    {
        VectorIdentity identity = ConfigReader.Read<VectorIdentity>(Path.Combine(folder, IdentityFile), []);
        using var column = new ColumnFile<float>(Path.Combine(folder, VectorsFile));
        float[][] vectors = [.. column.Span.ToArray().Chunk(identity.Dimension)];
        return SceneVectors.OfWholeScenes(table, DistinctScenes.Of(table, DistinctScenes.FieldsOf(table)), vectors, identity);
    }

    /// <summary>A scene in words: the sentences of its values, with commas between them.</summary>
    public static string Text(ImpressionTable table, IReadOnlyList<FieldConfig> fields, DistinctScenes scenes, int scene) =>
        string.Join(", ", fields.Select((f, i) => f.Say(table.Values(f.Name)[scenes.Codes[scene * fields.Count + i]])));
}
