using System.Globalization;
using System.IO.Compression;
using System.Numerics.Tensors;
using Larr.Runs;
using Larr.Stats;

namespace Larr.Embed;

/// <summary>Words and their vectors, whose mean has been taken off and whose length is one, so that products are similarities.</summary>
/// <param name="Words">The words, each once.</param>
/// <param name="Vectors">A vector for each.</param>
public sealed record WordVectors(IReadOnlyList<string> Words, IReadOnlyList<float[]> Vectors)
{
    /// <summary>Reads GloVe's text form, a word and its components per line, packed with gzip where the name ends in .gz.</summary>
    /// <exception cref="InputException">The file is missing, or a line has another number of components than the first or something that is no number.</exception>
    public static WordVectors Read(string file)
    {
        if (!File.Exists(file)) throw new InputException(file, "no such file");
        using Stream stream = File.OpenRead(file);
        using var reader = new StreamReader(file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream);
        Dictionary<string, float[]> vectors = [];
        int number = 0, width = 0;
        while (reader.ReadLine() is { } line)
        {
            string[] parts = line.Split(' ');
            if (++number == 1) width = parts.Length - 1;
            float[] vector = [.. parts.Skip(1).Select(p => float.TryParse(p, CultureInfo.InvariantCulture, out float x) ? x : float.NaN)];
            if (width < 1 || vector.Length != width || vector.Any(x => !float.IsFinite(x)))
                throw new InputException(file, $"line {number}", InputException.Excerpt(line), $"a word and {Math.Max(width, 1)} numbers");
            vectors.TryAdd(parts[0], vector);
        }
        if (vectors.Count < 2) throw new InputException(file, "lines", $"{vectors.Count} words", "two or more");
        return Centred([.. vectors.Keys], [.. vectors.Values]);
    }

    /// <summary>The same words as <paramref name="embedder"/> sees them, each in a text by <paramref name="template"/>, in which <c>{value}</c> stands for it.</summary>
    public WordVectors By(PackedEmbedder embedder, string template) =>
        Centred(Words, [.. embedder.Embed([.. Words.Select(w => template.Replace("{value}", w, StringComparison.Ordinal))]).Vectors.Select(v => (float[])v.Clone())]);

    /// <summary>Words with their vectors, which are centred in place (<see cref="CentredVectors"/>).</summary>
    public static WordVectors Centred(IReadOnlyList<string> words, IReadOnlyList<float[]> vectors)
    {
        CentredVectors.Make(vectors);
        return new(words, vectors);
    }

    /// <summary>Similarity of word <paramref name="of"/> to every word; that to itself is −∞, so that it is no neighbour.</summary>
    public float[] Similarities(int of)
    {
        float[] similarities = [.. Vectors.Select(v => TensorPrimitives.Dot<float>(Vectors[of], v))];
        similarities[of] = float.NegativeInfinity;
        return similarities;
    }
}
