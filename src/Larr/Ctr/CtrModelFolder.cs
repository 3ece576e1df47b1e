using System.Text.Json;
using Larr.Align;
using Larr.Data;
using Larr.Model;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>
/// A click model as a folder: <c>ctr.json</c> (its configuration), <c>ctr.safetensors</c> (weights by name, and <c>embeddings</c>), the
/// feature map, the projected text vectors of items and users where they are features, and the scene encoder as a <see cref="SceneArtefact"/> where serving needs one.
/// </summary>
public static class CtrModelFolder
{
    /// <summary>What <c>ctr.json</c> holds.</summary>
    /// <param name="Ctr">Features and network.</param>
    /// <param name="Align">Aggregation of the scene.</param>
    /// <param name="Behaviours">The behaviour fields, in the order of the input.</param>
    /// <param name="Texts">The fields whose text vectors are features, in the order of the input; null for none.</param>
    /// <param name="ProductFields">Positions of the fields whose mean meets the item in a product; null for none.</param>
    /// <param name="Features">Hash of the feature map that the embedding rows belong to.</param>
    /// <param name="UserField">Position of the user's field, or −1.</param>
    public sealed record Saved(
        CtrConfig Ctr, AlignConfig Align, IReadOnlyList<string> Behaviours, IReadOnlyList<string>? Texts = null, IReadOnlyList<int>? ProductFields = null,
        string? Features = null, int UserField = -1);

    /// <summary>Name of the configuration.</summary>
    public const string ConfigFile = "ctr.json";

    /// <summary>Name of the weights.</summary>
    public const string WeightsFile = "ctr.safetensors";

    /// <summary>Writes <paramref name="model"/> into <paramref name="folder"/>, which exists.</summary>
    public static void Save(CtrModel model, string folder)
    {
        var saved = new Saved(model.Config, model.Align, model.Behaviours, model.Texts?.Fields, model.ProductFields, model.Map.Save(folder), model.UserField);
        File.WriteAllBytes(Path.Combine(folder, ConfigFile), JsonSerializer.SerializeToUtf8Bytes(saved, ConfigReader.Json));
        if (model.ReadsScene) SceneArtefact.Write(folder, model.Align, model.Vectors!, model.Config.EmbeddingDimension, model.Scene!);
        using var scope = NewDisposeScope();
        Tensor embeddings = from_array(model.Embeddings.Weights).view(model.Embeddings.Rows, model.Embeddings.Dimension);
        NamedWeights.Write(Path.Combine(folder, WeightsFile), [.. NamedWeights.Of(model), ("embeddings", embeddings), .. model.ProjectedTexts(folder)]);
    }

    /// <summary>Reads a model for the rows of <paramref name="table"/>, whose fields must be those it was trained with.</summary>
    /// <param name="folder">Where <see cref="Save"/> wrote.</param>
    /// <param name="table">The impressions to predict.</param>
    /// <param name="vectors">Vectors of the scene values; may be null for a model without a scene.</param>
    /// <param name="texts">Text vectors of items and users; null for a model without them.</param>
    public static CtrModel Load(string folder, ImpressionTable table, SceneVectors? vectors, TextFeatures? texts = null)
    {
        string path = Path.Combine(folder, ConfigFile);
        if (!File.Exists(path)) throw new InputException(path, "there is no click model here");
        Saved saved = JsonSerializer.Deserialize<Saved>(File.ReadAllBytes(path), ConfigReader.Json)!;
        FeatureMap.Check(folder, saved.Features, path);
        var model = new CtrModel(saved.Ctr, saved.Align, FeatureMap.Load(folder, table), table, vectors, seed: 0, texts);
        string weights = Path.Combine(folder, WeightsFile);
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
