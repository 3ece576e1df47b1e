using Larr.Runs;

namespace Larr.Corpus.General;

/// <summary>
/// Lists of words that belong together, out of the Moby Thesaurus (public domain): each line of its file is a word and, after commas,
/// those near it. Words alone say little in a text; lists teach which lie close. A word keeps those of its neighbours that name it in turn,
/// drawn at random, because entries run over all of its meanings. The selection and the sentences are our own choice.
/// </summary>
public sealed class Thesaurus(IReadOnlyList<(string Word, string[] Near)> entries, int seed)
{
    const string Source = "thesaurus";
    const int ListLength = 10, ListsOfWord = 2;

    /// <summary>Reads the file; a line without a comma is an <see cref="InputException"/>.</summary>
    public static IReadOnlyList<(string Word, string[] Near)> Read(string file)
    {
        if (!File.Exists(file)) throw new InputException(file, "no such file; the Moby Thesaurus, a word and its neighbours per line, is needed");
        List<(string, string[])> entries = [];
        int number = 0;
        foreach (string line in File.ReadLines(file))
        {
            number++;
            if (line.Length == 0) continue;
            string[] words = line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2) throw new InputException(file, $"line {number}", InputException.Excerpt(line), "a word and its neighbours, set apart by commas");
            entries.Add((words[0], words[1..]));
        }
        return entries;
    }

    /// <summary>All documents, in the order of the file.</summary>
    public IEnumerable<Document> Documents()
    {
        var random = new Random(seed);
        Dictionary<string, HashSet<string>> near = [];
        foreach ((string word, string[] words) in entries) near.TryAdd(word, [.. words]);
        foreach ((string word, string[] words) in entries)
        {
            string[] mutual = [.. words.Where(w => near.TryGetValue(w, out HashSet<string>? back) && back.Contains(word))];
            random.Shuffle(mutual);
            foreach (string[] some in mutual.Chunk(ListLength).Where(some => some.Length > 1).Take(ListsOfWord))
                yield return new(Source, "near " + word, $"Near {word}: {string.Join(", ", some)}.", Everyday: true);
        }
    }
}
