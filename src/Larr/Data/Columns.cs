namespace Larr.Data;

/// <summary>Some rows of a column.</summary>
public static class Columns
{
    /// <summary>The values of <paramref name="rows"/>, in their order.</summary>
    public static T[] Pick<T>(ReadOnlySpan<T> column, ReadOnlySpan<int> rows)
    {
        var picked = new T[rows.Length];
        for (int i = 0; i < picked.Length; i++) picked[i] = column[rows[i]];
        return picked;
    }
}
