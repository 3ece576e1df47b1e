using System.Runtime.InteropServices;
using System.Text;
using Larr.Runs;

namespace Larr.Corpus.General;

/// <summary>Counts of one source of the general text.</summary>
/// <param name="Documents">Documents for training.</param>
/// <param name="Bytes">Their size in UTF-8, line ends included.</param>
/// <param name="HeldOutDocuments">Documents held out.</param>
/// <param name="HeldOutBytes">Their size.</param>
/// <param name="Duplicates">Documents left out because the same text was there already.</param>
public sealed record GeneralTextCounts(int Documents, long Bytes, int HeldOutDocuments, long HeldOutBytes, int Duplicates);

/// <summary>
/// Writes the general text that the shipped base model learns from, out of freely licensed sources alone: WordNet 3.0,
/// public-domain recipes, brand names of the Name Suggestion Index, the Moby Thesaurus. One document per line, shuffled, no text twice.
/// </summary>
public static class GeneralText
{
    // Held out by topic, so that no other wording of a held-out document is trained on.
    const double HeldOutShare = 0.01;

    /// <summary>Writes both files and returns the counts per source; the same seed gives the same bytes.</summary>
    /// <param name="wordNetFolder">WordNet's database, such as Debian's /usr/share/wordnet.</param>
    /// <param name="corporaFolder">The folder with recipes_en_publicdomain_md.tar.gz and nsi_food_brands.jsonl.gz.</param>
    /// <param name="thesaurusFile">The Moby Thesaurus, a word and its neighbours per line.</param>
    /// <param name="outFile">Training documents, one per line.</param>
    /// <param name="heldOutFile">About 1 % of the topics that are not everyday ones.</param>
    /// <param name="seed">Draws the lists, the held-out topics and the order.</param>
    public static IReadOnlyDictionary<string, GeneralTextCounts> Write(string wordNetFolder, string corporaFolder, string thesaurusFile, string outFile, string heldOutFile, int seed) =>
        Write(
            new WordNetGlosses(new WordNet(wordNetFolder), seed).Documents()
                .Concat(new RecipeText(RecipeText.Read(Path.Combine(corporaFolder, "recipes_en_publicdomain_md.tar.gz")), seed).Documents())
                .Concat(new BrandNames(Brand.Read(Path.Combine(corporaFolder, "nsi_food_brands.jsonl.gz")), seed).Documents())
                .Concat(new Thesaurus(Thesaurus.Read(thesaurusFile), seed).Documents()),
            outFile, heldOutFile, seed);

    /// <summary>The same for any documents.</summary>
    public static IReadOnlyDictionary<string, GeneralTextCounts> Write(IEnumerable<Document> documents, string outFile, string heldOutFile, int seed)
    {
        var random = new Random(seed);
        Dictionary<string, bool> heldOut = [];
        Dictionary<string, GeneralTextCounts> counts = [];
        HashSet<string> seen = [];
        List<string> train = [], held = [];
        foreach (Document document in documents)
        {
            GeneralTextCounts count = counts.GetValueOrDefault(document.Source) ?? new(0, 0, 0, 0, 0);
            string text = document.Text.ReplaceLineEndings(" ");
            int bytes = Encoding.UTF8.GetByteCount(text) + 1;
            if (!heldOut.TryGetValue(document.Topic, out bool hold))
                heldOut[document.Topic] = hold = !document.Everyday && random.NextDouble() < HeldOutShare;
            bool isNew = seen.Add(text);
            if (isNew) (hold ? held : train).Add(text);
            counts[document.Source] = (isNew, hold) switch
            {
                (false, _) => count with { Duplicates = count.Duplicates + 1 },
                (true, true) => count with { HeldOutDocuments = count.HeldOutDocuments + 1, HeldOutBytes = count.HeldOutBytes + bytes },
                (true, false) => count with { Documents = count.Documents + 1, Bytes = count.Bytes + bytes },
            };
        }
        WriteShuffled(train, outFile, random);
        WriteShuffled(held, heldOutFile, random);
        return counts;
    }

    static void WriteShuffled(List<string> texts, string file, Random random)
    {
        random.Shuffle(CollectionsMarshal.AsSpan(texts));
        Disk.Real.Replace(file, aside =>
        {
            using var writer = new StreamWriter(aside, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
            foreach (string text in texts) writer.WriteLine(text);
        });
    }
}
