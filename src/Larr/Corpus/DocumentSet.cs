namespace Larr.Corpus;

/// <summary>Documents without duplicates, split into training and held-out ones. A text that is held out once is never a training document.</summary>
sealed class DocumentSet
{
    readonly Dictionary<string, bool> _heldOut = [];

    /// <summary>Documents added per kind.</summary>
    public SortedDictionary<string, int> Kinds { get; } = new(StringComparer.Ordinal);

    /// <summary>Documents dropped because their text was there already.</summary>
    public int Duplicates { get; private set; }

    /// <summary>Adds a document; white space of any kind becomes single spaces, so that a document is one line.</summary>
    public void Add(string kind, string text, bool heldOut)
    {
        string line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length == 0) return;
        if (_heldOut.TryAdd(line, heldOut))
        {
            Kinds[kind] = Kinds.GetValueOrDefault(kind) + 1;
            return;
        }
        _heldOut[line] |= heldOut;
        Duplicates++;
    }

    /// <summary>The documents of one side, shuffled.</summary>
    public string[] Take(bool heldOut, Random random)
    {
        string[] lines = [.. _heldOut.Where(d => d.Value == heldOut).Select(d => d.Key)];
        random.Shuffle(lines);
        return lines;
    }
}
