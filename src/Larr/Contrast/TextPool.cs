namespace Larr.Contrast;

/// <summary>Distinct texts, numbered in the order they came.</summary>
public sealed class TextPool
{
    readonly List<string> _texts = [];
    readonly Dictionary<string, int> _index = [];

    /// <summary>All texts.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>The number of a text, a new one where it was not there.</summary>
    public int Add(string text)
    {
        if (!_index.TryGetValue(text, out int index))
        {
            _index[text] = index = _texts.Count;
            _texts.Add(text);
        }
        return index;
    }
}
