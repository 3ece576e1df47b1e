using System.Text.Encodings.Web;
using System.Text.Json;
using Larr.Data;
using Larr.Runs;

namespace Larr.Corpus;

/// <summary>
/// Turns a table into documents for continual pre-training. Writes <c>documents.txt</c> and <c>held-out.txt</c> (one document per line),
/// <c>special-tokens.json</c> (token → description), <c>items.json</c> and <c>profiles.json</c> (identity → text) and <c>report.json</c>.
/// </summary>
/// <remarks>
/// Documents tell only of items, users and scene values that occur in the training part, and of training clicks.
/// Personas inside documents leave the clicks on held-out items out; those of <c>profiles.json</c> count all training clicks.
/// </remarks>
public static class CorpusStage
{
    /// <summary>Changes when the stage's output for the same input changes.</summary>
    public const int Version = 3;

    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Builds the corpus of <paramref name="table"/> into the folder of <paramref name="context"/>.</summary>
    /// <exception cref="InputException">The training part has no rows.</exception>
    public static CorpusReport Run(CorpusConfig config, ImpressionTable table, StageContext context)
    {
        FieldConfig itemField = table.Find(FieldRole.Item)!;
        FieldConfig? userField = table.Find(FieldRole.User);
        var clicks = TrainingClicks.Of(table);
        int[] seenItems = TrainingClicks.Seen(table, itemField);
        if (seenItems.All(n => n == 0)) throw new InputException("the impression table", "the training part", "no rows", "at least one");
        bool[] heldOutItems = HeldOut.Of(table.Values(itemField.Name), config.HeldOutShare);
        bool singly = heldOutItems.Length < HeldOut.FewestItems;
        bool Hold(string text, int item) => singly ? HeldOut.Holds(text, config.HeldOutShare) : heldOutItems[item];

        var random = new Random(context.Seed);
        var items = new ItemText(table);
        var scenes = new SceneText(table);
        var persona = new Persona(table, items);
        var documents = new DocumentSet();

        context.Report("items and users");
        if (config.Items)
            foreach (int item in Sample(TrainingClicks.Known(table, itemField), config.MaxItems, random))
                documents.Add("item", items.Of(item), Hold(items.Of(item), item));
        if (config.Users && userField is not null)
        {
            var shown = new UserProfile(table, clicks, persona, config.PersonaPhrases, item => !heldOutItems[item]);
            foreach (int user in Sample(TrainingClicks.Known(table, userField), config.MaxUsers, random))
                documents.Add("user", shown.Of(user), heldOut: false);
        }
        context.Cancel.ThrowIfCancellationRequested();

        context.Report("scenes and behaviours");
        int[] told = [.. Enumerable.Range(0, clicks.Rows.Length).Where(c => !heldOutItems[clicks.Items[c]])];
        if (config.Scenes)
        {
            SceneDocuments.Values(table, scenes, persona, clicks, told, config.PersonaPhrases, documents);
            SceneDocuments.Sentences(table, scenes, config, documents, random);
        }
        if (config.Behaviours && scenes.Fields.Count > 0)
        {
            var behaviours = new BehaviourText(scenes, items);
            foreach (int c in Sample([.. Enumerable.Range(0, clicks.Rows.Length)], config.MaxBehaviours, random))
            {
                string text = behaviours.Of(clicks.Rows[c], clicks.Items[c], config.FieldsPerSentence, random);
                documents.Add("behaviour", text, Hold(text, clicks.Items[c]));
            }
        }
        context.Cancel.ThrowIfCancellationRequested();

        context.Report("writing");
        string[] training = documents.Take(heldOut: false, random), heldOut = documents.Take(heldOut: true, random);
        Write(context.File("documents.txt"), training);
        Write(context.File("held-out.txt"), heldOut);
        IReadOnlyDictionary<string, string> tokens = SpecialTokens.Of(table);
        WriteJson(context.File("special-tokens.json"), tokens);
        WriteJson(context.File("items.json"), Texts(table, itemField, items.Of));
        var profiles = new UserProfile(table, clicks, persona, config.PersonaPhrases);
        Dictionary<string, string> profileTexts = userField is null ? [] : Texts(table, userField, u => profiles.Of(u));
        WriteJson(context.File("profiles.json"), profileTexts);
        var report = new CorpusReport(training.Length, heldOut.Length, documents.Kinds, documents.Duplicates,
            training.Sum(d => (long)d.Length), heldOutItems.Count(h => h), tokens.Count);
        context.WriteReport(report);
        return report;
    }

    /// <summary>Reads <c>items.json</c>, <c>profiles.json</c> or <c>special-tokens.json</c> of a corpus folder.</summary>
    public static Dictionary<string, string> ReadTexts(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        if (!File.Exists(path)) throw new InputException(path, "there is no corpus here");
        return JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllBytes(path), s_json)!;
    }

    static int[] Sample(int[] codes, int most, Random random)
    {
        if (codes.Length <= most) return codes;
        random.Shuffle(codes);
        return codes[..most];
    }

    static Dictionary<string, string> Texts(ImpressionTable table, FieldConfig owner, Func<int, string> text)
    {
        IReadOnlyList<string> names = table.Values(owner.Name);
        return Enumerable.Range(0, names.Count).Select(c => (Name: names[c], Text: text(c))).Where(t => t.Text.Length > 0).ToDictionary(t => t.Name, t => t.Text);
    }

    static void Write(string path, string[] lines) => File.WriteAllText(path, string.Concat(lines.Select(l => l + "\n")));

    static void WriteJson<T>(string path, T value) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(value, s_json));
}
