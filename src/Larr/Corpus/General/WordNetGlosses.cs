namespace Larr.Corpus.General;

/// <summary>
/// Turns WordNet into sentences that teach what words mean: every meaning is defined once; those of everyday life (a
/// domain that scenes are made of, or found in WordNet's sense-tagged texts) are told in several further ways: kinds,
/// parts, siblings, opposites, and the word asked for by its definition. The selection and the sentences are our own choice.
/// </summary>
public sealed class WordNetGlosses(WordNet net, int seed)
{
    const string Source = "wordnet";

    // Lists of kinds are cut so that one document stays about a hundred tokens long.
    const int ListLength = 10;

    static readonly HashSet<LexicographerFile> everydayDomains =
    [
        LexicographerFile.NounFood, LexicographerFile.NounTime, LexicographerFile.NounLocation, LexicographerFile.NounArtifact,
        LexicographerFile.NounPhenomenon, LexicographerFile.NounPerson, LexicographerFile.NounFeeling, LexicographerFile.NounEvent,
        LexicographerFile.VerbConsumption, LexicographerFile.VerbWeather, LexicographerFile.VerbEmotion,
    ];

    readonly Random random = new(seed);

    /// <summary>All documents, in WordNet's order.</summary>
    public IEnumerable<Document> Documents() => net.Synsets.Where(s => !IsTaxon(s)).SelectMany(Of);

    // Scientific names of families and genera (some 8,000) say nothing about scenes.
    static bool IsTaxon(Synset s) =>
        s.Domain is LexicographerFile.NounAnimal or LexicographerFile.NounPlant && s.Words.All(w => char.IsUpper(w[0]) || w.StartsWith("genus ", StringComparison.Ordinal) || w.StartsWith("family ", StringComparison.Ordinal));

    // A name of one person or place is no everyday word, whatever its domain.
    static bool IsEveryday(Synset s) =>
        s.Count > 0 || (everydayDomains.Contains(s.Domain) && !s.Pointers.Any(p => p.Symbol == "@i"));

    IEnumerable<Document> Of(Synset s)
    {
        bool everyday = IsEveryday(s);
        IEnumerable<string> texts = [Definition(s)];
        if (everyday) texts = [.. texts, .. Further(s)];
        return texts.Select(text => new Document(Source, s.Key, text, everyday));
    }

    string Definition(Synset s)
    {
        string text = $"{Named(s)}: {s.Definition}.";
        if (s.Words.Count > 1) text += $" Also called {List(s.Words.Skip(1))}.";
        text += Is(s);
        foreach (string example in s.Examples) text += $" {Sentence(example)}";
        return text;
    }

    string Is(Synset s)
    {
        List<string> kinds = Names(net.Related(s, "@")), instances = Names(net.Related(s, "@i"));
        if (s.PartOfSpeech == 'v') return kinds.Count > 0 ? $" It is a way to {kinds[0]}." : "";
        if (instances.Count > 0) return $" It is {("aeiou".Contains(char.ToLowerInvariant(instances[0][0])) ? "an" : "a")} {instances[0]}.";
        return kinds.Count > 0 ? $" It is a kind of {List(kinds, "and")}." : "";
    }

    IEnumerable<string> Further(Synset s)
    {
        string name = s.Words[0];
        List<string> above = Names(net.Related(s, "@")), siblings = Shuffled(net.Related(s, "@").SelectMany(h => net.Related(h, "~")).Where(o => o != s));
        yield return $"{Sentence(s.Definition, "?")} {Capital(s.PartOfSpeech == 'v' ? "to " + name : name)}.";
        if (s.Words.Count > 1) yield return $"{Capital(List(s.Words, "and"))} mean the same: {s.Definition}.";
        foreach (string[] kinds in Shuffled(net.Related(s, "~", "~i")).Chunk(ListLength))
            yield return s.PartOfSpeech == 'v' ? $"Ways to {name}: {List(kinds)}." : $"Kinds of {name}: {List(kinds)}.";
        if (above.Count > 0 && siblings.Count > 0)
            yield return s.PartOfSpeech == 'v'
                ? $"To {name} is to {above[0]}, as is to {List(siblings.Take(3), "or to")}."
                : $"{Capital(name)}, {List(siblings.Take(4), "and")} are kinds of {above[0]}.";
        foreach (string text in Relations(s, name)) yield return text;
    }

    IEnumerable<string> Relations(Synset s, string name)
    {
        if (Names(net.Related(s, "%p")) is { Count: > 0 } parts) yield return $"Parts of {name}: {List(parts)}.";
        if (Names(net.Related(s, "#p")) is { Count: > 0 } wholes) yield return $"{Capital(name)} is a part of {List(wholes, "and of")}.";
        if (Names(net.Related(s, "%s")) is { Count: > 0 } substances) yield return $"{Capital(name)} is made with {List(substances, "and")}.";
        if (Names(net.Related(s, "%m")) is { Count: > 0 } members) yield return $"Belonging to {name}: {List(members)}.";
        if (Names(net.Related(s, "!")) is { Count: > 0 } opposites) yield return $"The opposite of {name} is {List(opposites, "or")}.";
        if (Names(net.Related(s, "&")) is { Count: > 0 } similar) yield return $"{Capital(name)} is like {List(similar, "or")}.";
        if (Names(net.Related(s, "*", ">")) is { Count: > 0 } entailed) yield return $"To {name} means also to {List(entailed, "and to")}.";
        if (Names(net.Related(s, ";c")) is { Count: > 0 } topics) yield return $"{Capital(name)} is a word of {List(topics, "and")}.";
        if (Names(net.Related(s, "=")) is { Count: > 0 } attributes) yield return $"{Capital(name)} goes with {List(attributes, "and")}.";
    }

    static string Named(Synset s) => s.PartOfSpeech == 'v' ? "to " + s.Words[0] : s.Words[0];

    static List<string> Names(IEnumerable<Synset> synsets) => [.. synsets.Select(s => s.Words[0]).Distinct()];

    List<string> Shuffled(IEnumerable<Synset> synsets)
    {
        string[] names = [.. Names(synsets)];
        random.Shuffle(names);
        return [.. names];
    }

    static string List(IEnumerable<string> names, string? last = null)
    {
        string[] all = [.. names.Take(ListLength)];
        return last is null || all.Length < 2 ? string.Join(", ", all) : $"{string.Join(", ", all[..^1])} {last} {all[^1]}";
    }

    static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    static string Sentence(string text, string end = ".") =>
        text.Length == 0 ? "" : text[^1] is '.' or '!' or '?' ? Capital(text) : Capital(text) + end;
}
