using System.Text.Json;
using Larr.Align;
using Larr.Data;
using Larr.Model;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>
/// A click model as a folder: <c>ctr.json</c> (its configuration), <c>ctr.safetensors</c> (weights by name, and <c>embeddings</c>), and the
/// feature map.
/// </summary>
public static class CtrModelFolder
{
    sealed record Saved(CtrConfig Ctr, AlignConfig Align);

    /// <summary>Writes <paramref name="model"/> into <paramref name="folder"/>, which exists.</summary>
    public static void Save(CtrModel model, string folder)
    {
        File.WriteAllBytes(Path.Combine(folder, "ctr.json"), JsonSerializer.SerializeToUtf8Bytes(new Saved(model.Config, model.Align), ConfigReader.Json));
        model.Map.Save(folder);
        using var scope = NewDisposeScope();
        Tensor embeddings = from_array(model.Embeddings.Weights).view(model.Embeddings.Rows, model.Embeddings.Dimension);
        NamedWeights.Write(Path.Combine(folder, "ctr.safetensors"), [.. NamedWeights.Of(model), ("embeddings", embeddings)]);
    }

    /// <summary>Reads a model for the rows of <paramref name="table"/>, whose fields must be those it was trained with.</summary>
    /// <param name="folder">Where <see cref="Save"/> wrote.</param>
    /// <param name="table">The impressions to predict.</param>
    /// <param name="vectors">Vectors of the scene values; may be null for a model without a scene.</param>
    public static CtrModel Load(string folder, ImpressionTable table, SceneVectors? vectors)
    {
        string path = Path.Combine(folder, "ctr.json");
        if (!File.Exists(path)) throw new InputException(path, "there is no click model here");
        Saved saved = JsonSerializer.Deserialize<Saved>(File.ReadAllBytes(path), ConfigReader.Json)!;
        var model = new CtrModel(saved.Ctr, saved.Align, FeatureMap.Load(folder, table), table, vectors, seed: 0);
        string weights = Path.Combine(folder, "ctr.safetensors");
        using var reader = new SafetensorsReader(weights);
        long[] shape = [model.Embeddings.Rows, model.Embeddings.Dimension];
        if (!reader.Entries.TryGetValue("embeddings", out SafetensorsEntry? entry) || !entry.Shape.SequenceEqual(shape))
            throw new InputException(weights, "embeddings", entry is null ? "nothing" : $"shape [{string.Join(", ", entry.Shape)}]", $"[{string.Join(", ", shape)}], as the feature map beside it has rows: is this the file of another model?");
        NamedWeights.Read(weights, model);
        using Tensor embeddings = reader.Read("embeddings");
        embeddings.data<float>().CopyTo(model.Embeddings.Weights);
        return model;
    }
}
