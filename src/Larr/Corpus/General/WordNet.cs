using System.Globalization;
using System.Text.RegularExpressions;
using Larr.Runs;

namespace Larr.Corpus.General;

/// <summary>
/// Reads the WordNet 3.0 database (wndb(5WN); Princeton's own free licence): data.noun, data.verb, data.adj, data.adv,
/// and cntlist.rev for how common each meaning is.
/// </summary>
public sealed partial class WordNet
{
    static readonly (string File, char Part)[] files = [("data.noun", 'n'), ("data.verb", 'v'), ("data.adj", 'a'), ("data.adv", 'r')];

    readonly Dictionary<string, Synset> byKey = [];

    /// <summary>All meanings in the order of the files.</summary>
    public IReadOnlyCollection<Synset> Synsets => byKey.Values;

    /// <summary>The meaning with this key.</summary>
    public Synset this[string key] => byKey[key];

    /// <summary>Reads the folder, such as Debian's /usr/share/wordnet; a missing file or malformed line is an <see cref="InputException"/>.</summary>
    public WordNet(string folder)
    {
        Dictionary<string, int> counts = ReadCounts(Path.Combine(folder, "cntlist.rev"));
        foreach ((string name, char part) in files)
        {
            string file = Path.Combine(folder, name);
            int number = 0;
            foreach (string line in Lines(file))
            {
                number++;
                if (line.StartsWith("  ", StringComparison.Ordinal)) continue;
                Synset synset = Parse(line, part, counts, $"{file}: line {number}");
                byKey.Add(synset.Key, synset);
            }
        }
        foreach (Synset synset in byKey.Values)
            foreach ((_, string key) in synset.Pointers)
                if (!byKey.ContainsKey(key)) throw new InputException(folder, synset.Key, key, "the key of another meaning");
    }

    /// <summary>The meanings that a relation leads to.</summary>
    public IEnumerable<Synset> Related(Synset synset, params string[] symbols) =>
        synset.Pointers.Where(p => symbols.Contains(p.Symbol)).Select(p => byKey[p.Key]).Distinct();

    // offset lex_filenum ss_type w_cnt(hex) (word lex_id(hex))… p_cnt (symbol offset pos source/target)… [frames] | gloss
    static Synset Parse(string line, char part, Dictionary<string, int> counts, string place)
    {
        int bar = line.IndexOf(" | ", StringComparison.Ordinal);
        string[] fields = (bar < 0 ? line : line[..bar]).Split(' ');
        try
        {
            var domain = (LexicographerFile)int.Parse(fields[1]);
            int words = int.Parse(fields[3], NumberStyles.HexNumber), at = 4 + 2 * words;
            var spelled = Enumerable.Range(0, words).Select(i => (Word: Marker().Replace(fields[4 + 2 * i], ""), LexId: int.Parse(fields[5 + 2 * i], NumberStyles.HexNumber))).ToList();
            var pointers = Enumerable.Range(0, int.Parse(fields[at])).Select(i => at + 1 + 4 * i)
                .Select(p => (fields[p], Part(fields[p + 2]) + fields[p + 1])).ToList();
            (string definition, List<string> examples) = Gloss(bar < 0 ? "" : line[(bar + 3)..]);
            return new(part + fields[0], domain, [.. spelled.Select(s => s.Word.Replace('_', ' '))], definition, examples, pointers)
            {
                Count = spelled.Sum(s => counts.GetValueOrDefault(SenseKey(s.Word, domain, s.LexId))),
            };
        }
        catch (Exception e) when (e is FormatException or IndexOutOfRangeException or OverflowException)
        {
            throw new InputException(place, "synset", InputException.Excerpt(line), "a line of WordNet's data files (wndb)");
        }
    }

    static string Part(string part) => part == "s" ? "a" : part;

    static string SenseKey(string word, LexicographerFile domain, int lexId) => $"{word.ToLowerInvariant()}:{(int)domain:00}:{lexId:00}";

    // "definition; further definition; "an example"; "another""
    static (string, List<string>) Gloss(string gloss)
    {
        List<string> examples = [.. Quoted().Matches(gloss).Select(m => m.Groups[1].Value.Trim())];
        string definition = Quoted().Replace(gloss, "");
        return (EmptyParts().Replace(definition, "; ").Trim(' ', ';', ','), examples);
    }

    // Lines "lemma%ss_type:lex_filenum:lex_id:head:head_id sense_number tag_cnt".
    static Dictionary<string, int> ReadCounts(string file)
    {
        Dictionary<string, int> counts = [];
        foreach (string line in Lines(file))
        {
            string[] fields = line.Split(' ');
            string[] sense = fields[0].Split('%', ':');
            if (fields.Length != 3 || sense.Length < 4 || !int.TryParse(fields[2], out int count))
                throw new InputException(file, "line", line, "sense_key sense_number tag_cnt");
            string key = $"{sense[0]}:{sense[2]}:{sense[3]}";
            counts[key] = counts.GetValueOrDefault(key) + count;
        }
        return counts;
    }

    static IEnumerable<string> Lines(string file) =>
        File.Exists(file) ? File.ReadLines(file) : throw new InputException(file, "no such file; WordNet 3.0's database folder is needed (Debian: wordnet-base)");

    [GeneratedRegex(@"\((a|p|ip)\)$")]
    private static partial Regex Marker();

    [GeneratedRegex("\"([^\"]+)\"?")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"[;,]\s*(?=[;,]|$)(\s*[;,]\s*)*")]
    private static partial Regex EmptyParts();
}
