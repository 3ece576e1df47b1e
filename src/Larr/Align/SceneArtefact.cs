using System.Text.Json;
using Larr.Embed;
using Larr.Runs;
using Larr.Train;
using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>
/// A trained aggregator as two files: <c>scene-encoder.json</c> (this record) and <c>scene-encoder.safetensors</c> (the module's weights by name,
/// and <c>vectors.mean</c> [n, D] with <c>vectors.deviation</c> [n], by which each field's vectors were standardised).
/// </summary>
/// <param name="Align">Kind and sizes.</param>
/// <param name="Fields">The scene fields, in the order of the encoder's field embeddings.</param>
/// <param name="VectorWidth">Length D of a value's vector.</param>
/// <param name="Dimension">Length of a scene vector.</param>
/// <param name="Vectors">What the values' vectors were made with; null where the caller did not say.</param>
public sealed record SceneArtefact(AlignConfig Align, IReadOnlyList<string> Fields, int VectorWidth, int Dimension, VectorIdentity? Vectors)
{
    /// <summary>Name of the description.</summary>
    public const string DescriptionFile = "scene-encoder.json";

    /// <summary>Name of the weights.</summary>
    public const string WeightsFile = "scene-encoder.safetensors";

    /// <summary>Names of the standardisation's tensors.</summary>
    public const string MeanName = "vectors.mean", DeviationName = "vectors.deviation";

    /// <summary>Writes both files into <paramref name="folder"/>, which exists.</summary>
    public static void Write(string folder, AlignConfig align, SceneVectors vectors, int dimension, SceneAggregator aggregator)
    {
        using var scope = NewDisposeScope();
        int n = vectors.Fields.Count, d = vectors.Dimension;
        Tensor mean = stack(Enumerable.Range(0, n).Select(f => tensor(vectors.Mean(f).ToArray()))), deviation = tensor(Enumerable.Range(0, n).Select(vectors.Deviation).ToArray());
        NamedWeights.Write(Path.Combine(folder, WeightsFile), [.. NamedWeights.Of(aggregator), (MeanName, mean), (DeviationName, deviation)]);
        var description = new SceneArtefact(align, vectors.Fields, d, dimension, vectors.Identity);
        File.WriteAllBytes(Path.Combine(folder, DescriptionFile), JsonSerializer.SerializeToUtf8Bytes(description, ConfigReader.Json));
    }

    /// <summary>Reads the description in <paramref name="folder"/>.</summary>
    /// <exception cref="InputException">There is none, or it is not one.</exception>
    public static SceneArtefact Read(string folder)
    {
        string path = Path.Combine(folder, DescriptionFile);
        if (!File.Exists(path)) throw new InputException(path, "there is no scene encoder here; larr align makes one");
        return ConfigReader.Read<SceneArtefact>(path, []);
    }
}
