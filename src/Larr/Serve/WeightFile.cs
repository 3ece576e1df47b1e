using Larr.Model;
using Larr.Runs;

namespace Larr.Serve;

/// <summary>Weights of a trained module by name, as plain arrays.</summary>
sealed class WeightFile(string path) : IDisposable
{
    readonly SafetensorsReader _reader = new(path);

    /// <summary>Path of the file, for messages.</summary>
    public string Path => path;

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Has(string name) => _reader.Entries.ContainsKey(name);

    /// <summary>Sizes of a tensor.</summary>
    public long[] Shape(string name) =>
        _reader.Entries.TryGetValue(name, out SafetensorsEntry? entry) ? entry.Shape : throw new InputException(path, name, "nothing", "a tensor");

    /// <summary>A tensor of a given number of values.</summary>
    /// <exception cref="InputException">It is missing, of another size, or holds a value that is not finite.</exception>
    public float[] Read(string name, int count)
    {
        long[] shape = Shape(name);
        if (shape.Aggregate(1L, (a, b) => a * b) != count) throw new InputException(path, name, $"shape [{string.Join(", ", shape)}]", $"{count} values");
        float[] values = _reader.ReadFloats(name);
        if (!Array.TrueForAll(values, float.IsFinite)) throw new InputException(path, name, "a value that is not finite", "numbers");
        return values;
    }

    /// <summary>The linear layer <paramref name="name"/> of <paramref name="inputs"/> → <paramref name="outputs"/> values.</summary>
    public LinearLayer Linear(string name, int inputs, int outputs, bool bias = true) =>
        new(Read(name + ".weight", inputs * outputs), bias ? Read(name + ".bias", outputs) : [], inputs);

    /// <summary>The layer normalisation <paramref name="name"/>.</summary>
    public LayerNormalization Norm(string name, int width) => new(Read(name + ".weight", width), Read(name + ".bias", width));

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();
}
