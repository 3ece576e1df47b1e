using Larr.Align;
using Larr.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>
/// The click model: embeddings of the fields, a pooled vector per behaviour and per field of tags, the scene vector as one field more, and products of the
/// item with the scene where wanted (our choice, <see cref="CtrConfig.SceneProducts"/>), concatenated; a backbone; one head for clicks and one for
/// conversions where the data has them.
/// </summary>
/// <remarks>B rows, F fields, K sequences, P products, d embedding dimension, I = (F + K + P + 1 with a scene) · d (+ 1 with first-order weights) inputs of the backbone.</remarks>
public sealed class CtrModel : nn.Module
{
    readonly SceneEncoder? scene;
    readonly Backbone backbone;
    readonly Linear heads;
    readonly Linear? item;
    readonly int _behaviours;
    readonly long[] _productFields;
    readonly bool _sceneProduct;

    /// <summary>A new model for the fields of a table.</summary>
    /// <param name="config">Features and network.</param>
    /// <param name="align">Aggregation of the scene.</param>
    /// <param name="map">Embedding rows, from the training part.</param>
    /// <param name="table">Tells the behaviours and whether there are conversions.</param>
    /// <param name="vectors">Vectors of the scene values; null where <see cref="AlignConfig.Scene"/> is none.</param>
    /// <param name="seed">Seed of the initial weights and of dropout.</param>
    public CtrModel(CtrConfig config, AlignConfig align, FeatureMap map, ImpressionTable table, SceneVectors? vectors, int seed) : base(nameof(CtrModel))
    {
        (Config, Align, Map) = (config, align, map);
        int d = config.EmbeddingDimension;
        using var generator = new Generator((ulong)seed);
        scene = SceneEncoder.Create(align, vectors, d, generator);
        _behaviours = CtrInputs.BehavioursOf(table, config).Length;
        bool products = config.SceneProducts && config.UseItemId;
        // Identifiers get a product as well, so that text is all that a comparison with the baseline shows.
        _productFields = products ? [.. table.FindAll(FieldRole.Scene).Select(f => (long)map.Find(f.Name)).Where(f => f >= 0)] : [];
        _sceneProduct = products && scene is not null;
        int parts = map.Fields.Count + _behaviours + map.Tags.Count + (scene is null ? 0 : 1) + (_productFields.Length > 0 ? 1 : 0) + (_sceneProduct ? 1 : 0);
        backbone = Backbone.Create(config, new BackboneShape(parts, d, map.Find(table.Find(FieldRole.User)?.Name)), seed);
        Embeddings = new EmbeddingTable(map.Size, backbone.FirstOrder ? d + 1 : d, (float)config.InitialDeviation, seed, map.Unknown);
        heads = nn.Linear(backbone.Outputs, table.Find(FieldRole.Conversion) is null ? 1 : 2);
        if (Aligned) item = nn.Linear(d, d);
        RegisterComponents();
        Initial.Fill(backbone, generator);
        Initial.Fill(heads, generator);
        using (var grad = no_grad()) heads.weight!.narrow(1, 0, backbone.Logits).fill_(1).Dispose();
        if (item is not null) Initial.Fill(item, generator);
    }

    /// <summary>Features and network.</summary>
    public CtrConfig Config { get; }

    /// <summary>Aggregation of the scene.</summary>
    public AlignConfig Align { get; }

    /// <summary>Embedding rows of the features.</summary>
    public FeatureMap Map { get; }

    /// <summary>The embedding rows; trained beside the module's parameters.</summary>
    public EmbeddingTable Embeddings { get; }

    /// <summary>The scene encoder, or null.</summary>
    public SceneEncoder? Scene => scene;

    /// <summary>Whether the alignment loss is part of the training.</summary>
    public bool Aligned => scene is not null && Align.Lambda > 0 && Config.UseItemId;

    /// <summary>Trained values: the module's parameters and the embedding rows.</summary>
    public long TrainableParameters => parameters().Sum(p => p.numel()) + Embeddings.Weights.LongLength;

    /// <summary>Vectors of the batch's distinct scenes, [S,d]; null without a scene.</summary>
    public Tensor? SceneVectors(CtrBatch batch) => scene?.forward(batch.Scenes!.Value);

    /// <summary>Begins an epoch of training: what is random in it follows from its number.</summary>
    public void Restart(int epoch) => backbone.Restart(epoch);

    /// <summary>The backbone's input, [B,I]: what of the model depends on the embeddings alone.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="scenes">Output of <see cref="SceneVectors"/>.</param>
    public Tensor Input(CtrBatch batch, Tensor? scenes)
    {
        using var scope = NewDisposeScope();
        int d = Config.EmbeddingDimension;
        Tensor fields = batch.Embedded, embedded = backbone.FirstOrder ? fields.narrow(2, 0, d) : fields; // [B,F,d]
        var parts = new List<Tensor> { embedded.flatten(1) };
        if (batch.Mask is not null)
        {
            for (int k = 0; k < batch.Mask.size(0); k++)
            {
                Tensor sequence = batch.History[k].narrow(2, 0, d), mask = batch.Mask[k]; // [B,L,d], [B,L]
                parts.Add(k < _behaviours ? backbone.Pool(embedded.select(1, 0), sequence, mask) : Backbone.Mean(sequence, mask)); // [B,d]
            }
        }
        Tensor shown = embedded.select(1, 0); // [B,d]
        if (_productFields.Length > 0) parts.Add(embedded.index_select(1, tensor(_productFields, device: embedded.device)).mean([1]) * shown); // [B,d]
        if (scenes is not null)
        {
            Tensor ofRow = scenes.index_select(0, batch.Scenes!.Value.OfRow); // [B,d]
            parts.Add(ofRow);
            if (_sceneProduct) parts.Add(ofRow * shown); // [B,d]
        }
        if (backbone.FirstOrder) parts.Add(fields.select(2, d).sum(1, keepdim: true)); // [B,1]
        return (parts.Count == 1 ? parts[0] : cat(parts, 1)).MoveToOuterDisposeScope(); // [B,I]
    }

    /// <summary>Logits from the backbone's input [B,I], hidden layers passed through <paramref name="transform"/> where there is one.</summary>
    public CtrLogits Logits(Tensor input, HiddenTransform? transform = null)
    {
        using var scope = NewDisposeScope();
        Tensor logits = heads.forward(backbone.Apply(input, transform)); // [B, 1 or 2]
        Tensor click = logits.select(1, 0).MoveToOuterDisposeScope();
        return new CtrLogits(click, logits.size(1) == 1 ? null : logits.select(1, 1).MoveToOuterDisposeScope());
    }

    /// <summary>Embedding of the item shown in the alignment's space, [B,d].</summary>
    public Tensor AlignedItem(CtrBatch batch) => item!.forward(batch.Embedded.select(1, 0).narrow(1, 0, Config.EmbeddingDimension));
}
