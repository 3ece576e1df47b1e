namespace Larr.Data;

/// <summary>Distinct values of a column, numbered in the order of their first occurrence.</summary>
sealed class ValueDictionary
{
    readonly Dictionary<string, int> _codes = [];

    /// <summary>Number of distinct values.</summary>
    public int Count => _codes.Count;

    /// <summary>The values in the order of their codes.</summary>
    public IReadOnlyCollection<string> Values => _codes.Keys;

    /// <summary>Code of <paramref name="value"/>; a value not seen before gets the next one.</summary>
    public int Add(string value)
    {
        if (_codes.TryGetValue(value, out int code)) return code;
        _codes.Add(value, _codes.Count);
        return _codes.Count - 1;
    }

    /// <summary>Code of a value that is known to be there.</summary>
    public int this[string value] => _codes[value];
}
