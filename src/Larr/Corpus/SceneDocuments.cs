using Larr.Data;

namespace Larr.Corpus;

/// <summary>Documents about scenes: single values with what stands out among their clicks, and sentences of several fields.</summary>
static class SceneDocuments
{
    /// <summary>
    /// Each scene value of the training part as it will be embedded, followed by the phrases its clicks favour:
    /// <c>the weather is light rain &lt;|likes|&gt; noodle soup, hot tea</c> (our addition).
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="scenes">Scene texts.</param>
    /// <param name="persona">Phrases of items.</param>
    /// <param name="clicks">Training clicks.</param>
    /// <param name="told">Indices of the clicks that may be told of.</param>
    /// <param name="top">Most phrases per value.</param>
    /// <param name="documents">Receives the documents.</param>
    public static void Values(ImpressionTable table, SceneText scenes, Persona persona, TrainingClicks clicks, int[] told, int top, DocumentSet documents)
    {
        Dictionary<int, int> all = persona.Count(told.Select(c => clicks.Items[c]));
        foreach (FieldConfig field in scenes.Fields)
        {
            int[] codes = clicks.CodesOf(table, field.Name);
            List<int>[] ofValue = TrainingClicks.GroupBy([.. told.Select(c => codes[c])], table.Values(field.Name).Count);
            foreach (int code in TrainingClicks.Known(table, field))
            {
                List<int> here = ofValue[code];
                string likes = persona.Distinctive(persona.Count(here.Select(t => clicks.Items[told[t]])), here.Count, all, told.Length, top);
                string value = scenes.Value(field, code);
                documents.Add("scene", likes.Length > 0 ? $"{value} {UserProfile.LikesToken} {likes}" : value, heldOut: false);
            }
        }
    }

    /// <summary>Sentences of sampled training rows, clicked or not, with a few fields each.</summary>
    public static void Sentences(ImpressionTable table, SceneText scenes, CorpusConfig config, DocumentSet documents, Random random)
    {
        int[] rows = table.RowsOf(Part.Train);
        if (scenes.Fields.Count == 0 || rows.Length == 0) return;
        for (int s = 0; s < Math.Min(config.MaxScenes, rows.Length); s++)
            documents.Add("scene", scenes.Sentence(rows[random.Next(rows.Length)], scenes.Draw(config.FieldsPerSentence, random)), heldOut: false);
    }
}
