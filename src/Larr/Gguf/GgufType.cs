namespace Larr.Gguf;

/// <summary>The types of metadata values under the format's own numbers, and the .NET types they are read as.</summary>
enum GgufType : uint
{
    UInt8, Int8, UInt16, Int16, UInt32, Int32, Float32, Bool, String, Array, UInt64, Int64, Float64,
}

static class GgufTypes
{
    static readonly Dictionary<GgufType, (Type Type, int Bytes)> s_scalars = new()
    {
        [GgufType.UInt8] = (typeof(byte), 1),
        [GgufType.Int8] = (typeof(sbyte), 1),
        [GgufType.UInt16] = (typeof(ushort), 2),
        [GgufType.Int16] = (typeof(short), 2),
        [GgufType.UInt32] = (typeof(uint), 4),
        [GgufType.Int32] = (typeof(int), 4),
        [GgufType.Float32] = (typeof(float), 4),
        [GgufType.Bool] = (typeof(bool), 1),
        [GgufType.UInt64] = (typeof(ulong), 8),
        [GgufType.Int64] = (typeof(long), 8),
        [GgufType.Float64] = (typeof(double), 8),
    };

    static readonly Dictionary<Type, GgufType> s_ofType =
        s_scalars.Select(s => (s.Value.Type, s.Key)).Append((typeof(string), GgufType.String)).ToDictionary(s => s.Item1, s => s.Item2);

    /// <summary>Bytes of a value in the file: all of a number or boolean, at least so many of a string; 0 for what no array may hold.</summary>
    public static int LeastBytes(this GgufType type) => type == GgufType.String ? 8 : s_scalars.TryGetValue(type, out (Type, int Bytes) s) ? s.Bytes : 0;

    /// <summary>An array of this type of numbers or booleans.</summary>
    public static Array NewArray(this GgufType type, int length) => Array.CreateInstance(s_scalars[type].Type, length);

    /// <exception cref="ArgumentException">The format has no such type.</exception>
    public static GgufType Of(Type type) => s_ofType.TryGetValue(type, out GgufType found) ? found : throw new ArgumentException($"{type.Name} is no type of GGUF metadata", nameof(type));
}
