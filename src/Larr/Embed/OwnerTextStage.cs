using System.Diagnostics;
using Larr.Corpus;
using Larr.Data;
using Larr.Runs;

namespace Larr.Embed;

/// <summary>What the stage of item and user texts cost.</summary>
/// <param name="Identity">What the vectors were made with.</param>
/// <param name="Owners">Items and users with a text, by field.</param>
/// <param name="Tokens">Tokens that went through the language model.</param>
/// <param name="Seconds">Time of embedding.</param>
public sealed record OwnerTextReport(VectorIdentity Identity, IReadOnlyDictionary<string, int> Owners, long Tokens, double Seconds);

/// <summary>
/// Embeds the description of every item, and of every user whom the data describe. Writes one file <c>FIELD.text.f32</c> [values of the field, D]
/// per owner, zeros where there is no text, and <c>report.json</c>. A user's clicks are no part of the text, since a click model is told them by other ways.
/// </summary>
public static class OwnerTextStage
{
    /// <summary>Raised when the same inputs give other outputs.</summary>
    public const int Version = 3;

    /// <summary>Name of the file of an owner field's vectors.</summary>
    public static string FileOf(string field) => field + ".text.f32";

    /// <summary>Runs the stage.</summary>
    /// <param name="config">Batches and precision.</param>
    /// <param name="table">The impressions.</param>
    /// <param name="encoderFolder">An encoder's folder, or a plain Hugging Face model.</param>
    /// <param name="context">Where to write.</param>
    public static OwnerTextReport Run(EmbedConfig config, ImpressionTable table, string encoderFolder, StageContext context)
    {
        using PackedEmbedder embedder = PackedEmbedder.Load(encoderFolder, config);
        var watch = Stopwatch.StartNew();
        var owners = new Dictionary<string, int>();
        long tokens = 0;
        foreach ((string field, string[] texts) in Texts(table))
        {
            int[] described = [.. Enumerable.Range(0, texts.Length).Where(o => texts[o].Length > 0)];
            context.Report($"embedding the texts of {described.Length:N0} values of {field}");
            EmbeddedTexts embedded = embedder.Embed([.. described.Select(o => texts[o])], share => context.Report("embedding", share), context.Cancel);
            float[] vectors = new float[checked(texts.Length * embedder.Dimension)];
            for (int i = 0; i < described.Length; i++) embedded.Vectors[i].CopyTo(vectors, described[i] * embedder.Dimension);
            ColumnFile<float>.Write(context.File(FileOf(field)), vectors);
            owners[field] = described.Length;
            tokens += embedded.TokensComputed;
        }
        string templates = SceneTexts.TemplateHash(table.FindAll(FieldRole.Text));
        var report = new OwnerTextReport(embedder.Identity(templates), owners, tokens, watch.Elapsed.TotalSeconds);
        context.WriteReport(report);
        return report;
    }

    /// <summary>The owner fields with the text of each of their values: the item, and the user where any text describes one.</summary>
    static IEnumerable<(string Field, string[] Texts)> Texts(ImpressionTable table)
    {
        var items = new ItemText(table);
        yield return (table.Find(FieldRole.Item)!.Name, [.. Enumerable.Range(0, items.Count).Select(items.Of)]);
        FieldConfig[] fields = [.. table.FindAll(FieldRole.Text).Where(f => f.Of == TextOwner.User)];
        if (fields.Length == 0 || table.Find(FieldRole.User) is not { } user) yield break;
        yield return (user.Name, [.. Enumerable.Range(0, table.Values(user.Name).Count).Select(u => string.Join(' ', fields
            .Select(f => (Field: f, Text: table.Text(f.Name, u)))
            .Where(s => !string.IsNullOrWhiteSpace(s.Text))
            .Select(s => $"{s.Field.SpecialToken} {s.Field.Say(s.Text!)}")))]);
    }
}
