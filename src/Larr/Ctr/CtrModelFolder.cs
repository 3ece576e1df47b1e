using System.Text.Json;
using System.Text.Json.Serialization;
using Larr.Align;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Features;
using Larr.Model;
using Larr.Runs;
using Larr.Train;
using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>
/// A click model as a folder: <c>ctr.json</c> (its configuration), <c>ctr.safetensors</c> (weights by name, and <c>embeddings</c>), the
/// feature map, the projected text vectors of items and users and vectors made elsewhere where they are features, and the scene encoder as a <see cref="SceneArtefact"/> where serving needs one.
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
    /// <param name="Vectors">The embedding fields, in the order of the input; null for none.</param>
    public sealed record Saved(
        CtrConfig Ctr, AlignConfig Align, IReadOnlyList<string> Behaviours, IReadOnlyList<string>? Texts = null, IReadOnlyList<int>? ProductFields = null,
        string? Features = null, int UserField = -1, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<SavedVectors>? Vectors = null);

    /// <summary>What is said of an embedding field.</summary>
    /// <param name="Field">Its name.</param>
    /// <param name="Dimension">Length of its vectors.</param>
    /// <param name="Identity">What they were made with; null where nobody says.</param>
    public sealed record SavedVectors(string Field, int Dimension, string? Identity);

    /// <summary>Name of the configuration.</summary>
    public const string ConfigFile = "ctr.json";

    /// <summary>Name of the weights.</summary>
    public const string WeightsFile = "ctr.safetensors";

    /// <summary>Writes <paramref name="model"/> into <paramref name="folder"/>, which exists.</summary>
    public static void Save(CtrModel model, string folder)
    {
        var saved = new Saved(model.Config, model.Align, model.Behaviours, model.Texts?.Fields, model.ProductFields, FeatureMapFolder.Save(model.Map, folder), model.UserField, Described(model.FieldVectors));
        File.WriteAllBytes(Path.Combine(folder, ConfigFile), JsonSerializer.SerializeToUtf8Bytes(saved, ConfigReader.Json));
        if (model.ReadsScene) SceneArtefact.Write(folder, model.Align, model.Vectors!, model.Config.EmbeddingDimension, model.Scene!);
        using var scope = NewDisposeScope();
        Tensor embeddings = from_array(model.Embeddings.Weights).view(ShapeOf(model.Embeddings));
        NamedWeights.Write(Path.Combine(folder, WeightsFile), [.. NamedWeights.Of(model), ("embeddings", embeddings), .. model.ProjectedTexts(folder), .. model.ProjectedVectors(folder)]);
    }

    /// <summary>Reads a model for the rows of <paramref name="table"/>, whose fields must be those it was trained with.</summary>
    /// <param name="folder">Where <see cref="Save"/> wrote.</param>
    /// <param name="table">The impressions to predict.</param>
    /// <param name="vectors">Vectors of the scene values; may be null for a model without a scene.</param>
    /// <param name="texts">Text vectors of items and users; null for a model without them.</param>
    /// <param name="fieldVectors">Vectors of the embedding fields; null for a model without them.</param>
    public static CtrModel Load(string folder, ImpressionTable table, SceneVectors? vectors, TextFeatures? texts = null, FieldVectors? fieldVectors = null)
    {
        string path = Path.Combine(folder, ConfigFile);
        if (!File.Exists(path)) throw new InputException(path, "there is no click model here");
        Saved saved = ConfigReader.Read<Saved>(path, []);
        FeatureMapFolder.Check(folder, saved.Features, path);
        CheckVectors(path, saved.Vectors ?? [], Described(fieldVectors) ?? []);
        var model = new CtrModel(saved.Ctr, saved.Align, FeatureMapFolder.Load(folder, table), table, vectors, seed: 0, texts, fieldVectors);
        string weights = Path.Combine(folder, WeightsFile);
        using var reader = new SafetensorsReader(weights);
        long[] shape = ShapeOf(model.Embeddings);
        if (!reader.Entries.TryGetValue("embeddings", out SafetensorsEntry? entry) || !entry.Shape.SequenceEqual(shape))
            throw new InputException(weights, "embeddings", entry is null ? "nothing" : $"shape [{string.Join(", ", entry.Shape)}]", $"[{string.Join(", ", shape)}], as the feature map beside it has rows: is this the file of another model?");
        NamedWeights.Read(weights, model);
        using Tensor embeddings = reader.Read("embeddings");
        embeddings.data<float>().CopyTo(model.Embeddings.Weights);
        return model;
    }

    // Rows of several widths lie one after the other.
    static long[] ShapeOf(EmbeddingTable table) => table.Uneven ? [table.Weights.Length] : [table.Rows, table.Dimension];

    static SavedVectors[]? Described(FieldVectors? vectors) =>
        vectors is null ? null : [.. vectors.Fields.Select((f, t) => new SavedVectors(f, vectors.Dimension(t), vectors.Identity(t)))];

    static void CheckVectors(string path, IReadOnlyList<SavedVectors> saved, IReadOnlyList<SavedVectors> found)
    {
        static string Names(IEnumerable<SavedVectors> vectors) => vectors.Any() ? string.Join(", ", vectors.Select(v => v.Field)) : "none";
        if (!saved.Select(v => v.Field).SequenceEqual(found.Select(v => v.Field))) throw new InputException(path, "embedding fields", Names(found), $"{Names(saved)}, with which the model was trained");
        foreach ((SavedVectors own, SavedVectors other) in saved.Zip(found))
            if (own != other) throw new InputException(path, own.Field, Said(other), $"{Said(own)}, with which the model was trained");
        static string Said(SavedVectors v) => $"vectors of {v.Dimension} numbers made with {v.Identity ?? "nobody says what"}";
    }
}
