using System.Diagnostics.CodeAnalysis;
using Larr.Runs;

namespace Larr.Gguf;

/// <summary>The metadata of a GGUF file. A key that is missing or of another type is an <see cref="InputException"/> that names it.</summary>
/// <param name="file">The file, for messages.</param>
/// <param name="values">Numbers, booleans, strings, and arrays of these.</param>
public sealed class GgufValues(string file, IReadOnlyDictionary<string, object> values)
{
    /// <summary>All keys and values in the order of the file.</summary>
    public IReadOnlyDictionary<string, object> All => values;

    /// <summary>Whether the key is there.</summary>
    public bool Has(string key) => values.ContainsKey(key);

    /// <summary>A text.</summary>
    public string Text(string key) => Find(key) as string ?? Wrong<string>(key, "a text");

    /// <summary>A whole number of any width.</summary>
    public long Number(string key) => Whole(Find(key)) ?? Wrong<long>(key, "a whole number");

    /// <summary>A number.</summary>
    public double Real(string key) => Find(key) switch { float f => f, double d => d, var other => Whole(other) ?? Wrong<double>(key, "a number") };

    /// <summary>True or false.</summary>
    public bool Flag(string key) => Find(key) as bool? ?? Wrong<bool>(key, "true or false");

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string> Texts(string key) => Find(key) as string[] ?? Wrong<string[]>(key, "a list of texts");

    /// <summary>A list of float32.</summary>
    public IReadOnlyList<float> Reals(string key) => Find(key) as float[] ?? Wrong<float[]>(key, "a list of float32");

    /// <summary>A list of whole numbers of 32 bits.</summary>
    public IReadOnlyList<int> Numbers(string key) => Find(key) switch
    {
        // .NET arrays of int and uint pass for each other, so the exact type is asked for.
        object o when o.GetType() == typeof(int[]) => (int[])o,
        object o when o.GetType() == typeof(uint[]) => [.. ((uint[])o).Select(n => n <= int.MaxValue ? (int)n : Wrong<int>(key, "numbers below 2³¹"))],
        _ => Wrong<int[]>(key, "a list of whole numbers"),
    };

    object Find(string key) => values.TryGetValue(key, out object? value) ? value : throw new InputException(file, $"metadata has no {key}");

    static long? Whole(object value) => value switch
    {
        byte n => n,
        sbyte n => n,
        ushort n => n,
        short n => n,
        uint n => n,
        int n => n,
        ulong n when n <= long.MaxValue => (long)n,
        long n => n,
        _ => null,
    };

    [DoesNotReturn]
    T Wrong<T>(string key, string expected)
    {
        object value = values[key];
        throw new InputException(file, key, value is Array array ? $"a list of {array.Length} {value.GetType().GetElementType()!.Name}" : $"{value.GetType().Name} {value}", expected);
    }
}
