using Larr.Runs;
using Larr.Stats;

namespace Larr.Embed;

/// <summary>Neighbours of one word by a model and by a reference.</summary>
/// <param name="Word">The word.</param>
/// <param name="Model">Its nearest words by the model, nearest first.</param>
/// <param name="Reference">Its nearest words by the reference.</param>
/// <param name="Shared">How many are the same.</param>
/// <param name="Auc">Chance that the model puts a neighbour of the reference before any other word; 0.5 for a model that knows nothing.</param>
public sealed record WordNeighbours(string Word, IReadOnlyList<string> Model, IReadOnlyList<string> Reference, int Shared, double Auc);

/// <summary>
/// Judges what a language model knows of single words by its nearest neighbours among all words of a reference such as GloVe, whose
/// vectors come from what words occur together. The measure is our own choice.
/// </summary>
/// <param name="Words">The words asked for.</param>
/// <param name="Candidates">Words among which neighbours are searched.</param>
/// <param name="MeanShared">Mean of <see cref="WordNeighbours.Shared"/>.</param>
/// <param name="Auc">Mean of <see cref="WordNeighbours.Auc"/>, with its 95 % interval over the words.</param>
public sealed record NeighbourReport(IReadOnlyList<WordNeighbours> Words, int Candidates, double MeanShared, Interval Auc)
{
    /// <summary>How many neighbours count.</summary>
    public const int Count = 10;

    /// <summary>Compares a model's vectors with the reference's of the same words.</summary>
    /// <param name="file">Where <paramref name="words"/> come from, for complaints.</param>
    /// <param name="words">Words to judge.</param>
    /// <param name="model">The model's vectors.</param>
    /// <param name="reference">The reference's, of the same words in the same order.</param>
    /// <exception cref="InputException">The reference does not know a word, or there is none.</exception>
    public static NeighbourReport Of(string file, IReadOnlyList<string> words, WordVectors model, WordVectors reference)
    {
        if (words.Count == 0) throw new InputException(file, "lines", "none", "one word per line");
        Dictionary<string, int> place = reference.Words.Select((word, i) => (word, i)).ToDictionary(w => w.word, w => w.i);
        List<WordNeighbours> all = [];
        for (int line = 0; line < words.Count; line++)
        {
            if (!place.TryGetValue(words[line], out int word)) throw new InputException(file, $"line {line + 1}", words[line], "a word that the reference knows");
            float[] similarities = model.Similarities(word);
            int[] near = Nearest(similarities), expected = Nearest(reference.Similarities(word)), others = [.. Enumerable.Range(0, reference.Words.Count).Where(w => w != word)];
            all.Add(new(words[line], [.. near.Select(n => model.Words[n])], [.. expected.Select(n => reference.Words[n])], near.Intersect(expected).Count(),
                Stats.Auc.Compute([.. others.Select(w => similarities[w])], [.. others.Select(w => (byte)(expected.Contains(w) ? 1 : 0))])));
        }
        return new(all, reference.Words.Count, all.Average(w => w.Shared), Interval.OfMean([.. all.Select(w => w.Auc)]));
    }

    static int[] Nearest(float[] similarities) => [.. Enumerable.Range(0, similarities.Length).OrderByDescending(w => similarities[w]).Take(Count)];
}
