using System.Globalization;

namespace Larr.Simulate;

/// <summary>
/// What words mean in the city: a hand-written table of facet weights. A phrase that has an entry of its own means
/// that; any other phrase means the sum of its words. Our own choice.
/// </summary>
sealed partial class Lexicon
{
    readonly Dictionary<string, float[]> _meanings = [];

    public Lexicon()
    {
        foreach (string line in (Words + "\n" + Phrases).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] halves = line.Split(':');
            float[] meaning = new float[Facets.Count];
            foreach (string term in halves[1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                string[] parts = term.Split(' ');
                meaning[(int)Enum.Parse<Facet>(parts[0], ignoreCase: true)] += float.Parse(parts[1], CultureInfo.InvariantCulture);
            }
            _meanings.Add(halves[0], meaning);
        }
    }

    /// <summary>Whether the word or phrase has an entry.</summary>
    public bool Knows(string phrase) => _meanings.ContainsKey(phrase);

    /// <summary>Meaning of a phrase; words without an entry ("with", "of") mean nothing.</summary>
    public float[] Meaning(string phrase)
    {
        float[] sum = new float[Facets.Count];
        if (_meanings.TryGetValue(phrase, out float[]? whole)) Facets.Add(sum, whole, 1);
        else
        {
            foreach (string word in phrase.Split(' '))
                if (_meanings.TryGetValue(word.Trim(','), out float[]? meaning)) Facets.Add(sum, meaning, 1);
        }
        return sum;
    }
}
