using Larr.Align;
using Larr.Ctr.Backbones;
using Larr.Ctr.Inputs;
using Larr.Ctr.Layers;
using Larr.Data;
using Larr.Features;
using Larr.Train;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>
/// The click model: embeddings of the fields, a pooled vector per behaviour and per field of tags, projected text vectors of item and user and vectors made elsewhere, the scene
/// vector as one field more, and products of the item with the scene where wanted (<see cref="CtrConfig.SceneProducts"/>), concatenated; a backbone; one head
/// for clicks and one for conversions where the data has them. The scene vector can also gate the other fields.
/// </summary>
/// <remarks>
/// B rows, F fields, K sequences, X text features and embedding fields, P products, d embedding dimension, I = (F + K + X + P + 1 where the scene is a field) · d (+ 1 with first-order
/// weights) inputs of the backbone.
/// </remarks>
public sealed class CtrModel : nn.Module
{
    readonly SceneAggregator? scene;
    readonly Backbone backbone;
    readonly Linear heads;
    readonly Linear? signal;
    readonly SceneGate? gate;
    readonly ModuleList<Linear> texts;
    readonly ModuleList<VectorProjection> vectors;
    readonly FieldWidths? widths;
    readonly int[] _signalFields;
    readonly bool _sceneProduct;
    readonly int _itemText, _userText; // positions in Texts where they are part of products, or −1

    /// <summary>A new model for the fields of a table.</summary>
    /// <param name="config">Features and network.</param>
    /// <param name="align">Aggregation of the scene.</param>
    /// <param name="map">Embedding rows, from the training part.</param>
    /// <param name="table">Tells the behaviours and whether there are conversions.</param>
    /// <param name="sceneVectors">Vectors of the scene values; null where <see cref="AlignConfig.Scene"/> is none.</param>
    /// <param name="seed">Seed of the initial weights and of dropout.</param>
    /// <param name="textFeatures">Text vectors of items and users; null for none.</param>
    /// <param name="fieldVectors">Vectors of the table's embedding fields; null where it has none.</param>
    public CtrModel(
        CtrConfig config, AlignConfig align, FeatureMap map, ImpressionTable table, SceneVectors? sceneVectors, int seed, TextFeatures? textFeatures = null,
        FieldVectors? fieldVectors = null) : base(nameof(CtrModel))
    {
        (Texts, FieldVectors) = (textFeatures, fieldVectors);
        if (fieldVectors is null && table.FindAll(FieldRole.Embedding) is [var without, ..])
            throw new Runs.InputException("experiment", $"data.fields.{without.Name}", "no vectors", "those that vectors.path names");
        (Config, Align, Map, Vectors, Behaviours) = (config, align, map, sceneVectors, CtrInputs.BehavioursOf(table, config));
        int d = config.EmbeddingDimension;
        using var generator = new Generator((ulong)seed);
        scene = SceneAggregator.Create(align, sceneVectors, d, generator);
        texts = new ModuleList<Linear>(Texts is null ? [] : [.. Texts.Fields.Select(_ => nn.Linear(Texts.Dimension, d))]);
        vectors = new ModuleList<VectorProjection>(FieldVectors is null ? [] : [.. FieldVectors.Fields.Select((_, t) => new VectorProjection(FieldVectors.Dimension(t), d))]);
        widths = FieldWidths.Create(map, d);
        bool products = config.SceneProducts && config.UseItemId;
        // Identifiers get a product as well, so that text is all that a comparison with the baseline shows.
        ProductFields = products ? [.. table.FindAll(FieldRole.Scene).Select(f => map.Find(f.Name)).Where(f => f >= 0)] : [];
        _sceneProduct = products && SceneIsField;
        _itemText = products ? TextOf(FieldRole.Item) : -1;
        _userText = products ? TextOf(FieldRole.User) : -1;
        int fields = map.Fields.Count + Behaviours.Count + map.Tags.Count + texts.Count + vectors.Count + (ProductFields.Count > 0 ? 1 : 0) + (_userText < 0 ? 0 : 1);
        if (scene is not null && align.Use is SceneUse.Gate or SceneUse.FieldAndGate) gate = new SceneGate(fields, d);
        int parts = fields + (SceneIsField ? 1 : 0) + (_sceneProduct ? 1 : 0);
        UserField = map.Find(table.Find(FieldRole.User)?.Name);
        backbone = Backbone.Create(config, new BackboneShape(parts, d, UserField, config.UseItemId ? CtrInputs.ItemField : -1), seed);
        int more = backbone.FirstOrder ? 1 : 0;
        Embeddings = new EmbeddingTable(map.Size, d + more, (float)config.InitialDeviation, seed, map.Unknown, map.RowWidths(d, more));
        heads = nn.Linear(backbone.Outputs, table.Find(FieldRole.Conversion) is null ? 1 : 2);
        _signalFields = Aligned ? SignalFields(align.Signal, map, table) : [];
        if (Aligned) signal = nn.Linear(_signalFields.Length * d, d);
        RegisterComponents();
        Initial.Fill(backbone, generator);
        Initial.Fill(heads, generator);
        using (var grad = no_grad()) heads.weight!.narrow(1, 0, backbone.Logits).fill_(1).Dispose();
        if (signal is not null) Initial.Fill(signal, generator);
        Initial.Fill(texts, generator);
        Initial.Fill(vectors, generator);
        if (widths is not null) Initial.Fill(widths, generator);

        int TextOf(FieldRole role) => Texts is null || table.Find(role) is not { } owner ? -1 : Texts.Fields.ToList().IndexOf(owner.Name);
    }

    /// <summary>Features and network.</summary>
    public CtrConfig Config { get; }

    /// <summary>Aggregation of the scene.</summary>
    public AlignConfig Align { get; }

    /// <summary>Positions of the fields whose mean meets the item in a product: those of the scene; empty where there is no product.</summary>
    public IReadOnlyList<int> ProductFields { get; }

    /// <summary>Position of the user's field, or −1.</summary>
    public int UserField { get; }

    /// <summary>Embedding rows of the features.</summary>
    public FeatureMap Map { get; }

    /// <summary>Vectors of the scene values; null where the model has no scene.</summary>
    public SceneVectors? Vectors { get; }

    /// <summary>The behaviour fields, in the order of the input.</summary>
    public IReadOnlyList<string> Behaviours { get; }

    /// <summary>Text vectors of items and users that are features; null without any.</summary>
    public TextFeatures? Texts { get; }

    /// <summary>Vectors of the embedding fields; null without any.</summary>
    public FieldVectors? FieldVectors { get; }

    /// <summary>The embedding rows; trained beside the module's parameters.</summary>
    public EmbeddingTable Embeddings { get; }

    /// <summary>The scene encoder, or null.</summary>
    public SceneAggregator? Scene => scene;

    /// <summary>The hidden layers that adapters can change; null where the backbone has none.</summary>
    public Mlp? Hidden => backbone.Hidden;

    /// <summary>Whether the alignment loss is part of the training.</summary>
    public bool Aligned => scene is not null && Align.Lambda > 0;

    /// <summary>Whether a prediction depends on the scene vector.</summary>
    public bool ReadsScene => scene is not null && Align.Use != SceneUse.AlignmentOnly;

    /// <summary>Whether the scene vector is a field of the input.</summary>
    bool SceneIsField => scene is not null && Align.Use is SceneUse.Field or SceneUse.FieldAndGate;

    /// <summary>Trained values: the module's parameters and the embedding rows.</summary>
    public long TrainableParameters => parameters().Sum(p => p.numel()) + Embeddings.Weights.LongLength;

    /// <summary>Vectors of the batch's distinct scenes, [S,d]; null without a scene, and in evaluation where it serves the alignment only.</summary>
    public Tensor? SceneVectors(CtrBatch batch) => ReadsScene || (Aligned && training) ? scene!.forward(batch.Scenes!.Value) : null;

    /// <summary>Begins an epoch of training: what is random in it follows from its number.</summary>
    public void Restart(int epoch) => backbone.Restart(epoch);

    /// <summary>The backbone's input, [B,I]: what of the model depends on the embeddings alone.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="scenes">Output of <see cref="SceneVectors"/>.</param>
    public Tensor Input(CtrBatch batch, Tensor? scenes)
    {
        using var scope = NewDisposeScope();
        int d = Config.EmbeddingDimension;
        Tensor fields = Fields(batch.FieldRows), embedded = backbone.FirstOrder ? fields.narrow(2, 0, d) : fields, target = embedded.select(1, 0); // [B,F,d], [B,d]
        var parts = new List<Tensor> { embedded.flatten(1) };
        Tensor? firstOrder = backbone.FirstOrder ? fields.select(2, d).sum(1, keepdim: true) : null; // [B,1]
        if (batch.Mask is not null)
        {
            for (int k = 0; k < batch.SequenceRows.Count; k++)
            {
                Tensor sequence = Sequence(batch.SequenceRows[k], k), mask = batch.Mask[k]; // [B,L,d], [B,L]
                if (firstOrder is not null)
                {
                    // Tags have weights of their own; a behaviour's items are those of the item field, where they count.
                    if (k >= Behaviours.Count) firstOrder = firstOrder + Backbone.Mean(sequence.narrow(2, d, 1), mask);
                    sequence = sequence.narrow(2, 0, d);
                }
                parts.Add(k < Behaviours.Count ? backbone.Pool(target, sequence, mask) : Backbone.Mean(sequence, mask)); // [B,d]
            }
        }
        Tensor[] told = [.. texts.Select((text, t) => OfText(text.forward(batch.Texts![t])))]; // [B,d] each
        parts.AddRange(told);
        parts.AddRange(vectors.Select((layer, t) => OfVector(layer.forward(batch.Vectors![t].Vectors, batch.Vectors[t].Absent), t))); // [B,d] each
        Tensor shown = _itemText < 0 ? target : target + told[_itemText]; // [B,d]
        if (ProductFields.Count > 0) parts.Add(embedded.index_select(1, tensor(ProductFields.Select(f => (long)f).ToArray(), device: embedded.device)).mean([1]) * shown); // [B,d]
        if (_userText >= 0) parts.Add(told[_userText] * shown); // [B,d]
        if (scenes is not null && ReadsScene)
        {
            Tensor whole = scenes.index_select(0, batch.Scenes!.Value.OfRow), ofRow = Scaled(whole, Vectors!.Dimension); // [B,d]
            if (gate is not null) parts = [gate.forward(cat(parts, 1), whole)];
            if (SceneIsField) parts.Add(ofRow);
            if (_sceneProduct) parts.Add(ofRow * shown);
        }
        if (firstOrder is not null) parts.Add(firstOrder);
        return (parts.Count == 1 ? parts[0] : cat(parts, 1)).MoveToOuterDisposeScope(); // [B,I]
    }

    /// <summary>Logits from the backbone's input [B,I], hidden layers changed by <paramref name="adapter"/> where there is one.</summary>
    public CtrLogits Logits(Tensor input, HiddenAdapter? adapter = null)
    {
        using var scope = NewDisposeScope();
        Tensor hidden = backbone.Apply(input, adapter); // [B,H]
        Tensor logits = hidden.dtype == ScalarType.BFloat16 ? HeadProduct.Apply(hidden, (int)input.size(0), heads) : heads.forward(hidden); // [B, 1 or 2]
        Tensor click = logits.select(1, 0).MoveToOuterDisposeScope();
        return new CtrLogits(click, logits.size(1) == 1 ? null : logits.select(1, 1).MoveToOuterDisposeScope());
    }

    /// <summary>The collaborative signal of each row in the alignment's space, [B,d].</summary>
    public Tensor Signal(CtrBatch batch)
    {
        using var scope = NewDisposeScope();
        Tensor fields = Fields(batch.FieldRows);
        return signal!.forward(cat([.. _signalFields.Select(f => fields.select(1, f).narrow(1, 0, Config.EmbeddingDimension))], 1)).MoveToOuterDisposeScope();
    }

    /// <summary>Equal numbers for equal signals, [B].</summary>
    public long[] SignalIds(CtrBatch batch) => Larr.Align.SignalIds.Of(Align.Signal, batch.IdsOf(_signalFields[0]), batch.IdsOf(_signalFields[^1]));

    /// <summary>
    /// For serving: every known owner's text vector through its trained layer, <c>texts.T.projected</c> [1 + owners, d] with a row for unknown
    /// owners first; the owners are written as <c>texts.T.values</c> beside it.
    /// </summary>
    internal IEnumerable<(string Name, Tensor Tensor)> ProjectedTexts(string folder)
    {
        for (int t = 0; t < texts.Count; t++)
        {
            StringFile.Write(System.IO.Path.Combine(folder, $"texts.{t}.values"), [.. Texts!.Owners(t)]);
            using var grad = no_grad();
            yield return ($"texts.{t}.projected", OfText(texts[t].forward(Texts.All(t, texts[t].weight!.device))));
        }
    }

    /// <summary>
    /// For serving: every vector of an embedding field's file through its trained layer, <c>vectors.T.projected</c> [1 + keys, d] with a row for values without a
    /// vector first; the keys are written as <c>vectors.T.values</c> beside it.
    /// </summary>
    internal IEnumerable<(string Name, Tensor Tensor)> ProjectedVectors(string folder)
    {
        for (int t = 0; t < vectors.Count; t++)
        {
            StringFile.Write(System.IO.Path.Combine(folder, $"vectors.{t}.values"), [.. FieldVectors!.Keys(t)]);
            using var grad = no_grad();
            (Tensor all, Tensor absent) = FieldVectors.All(t, vectors[t].parameters().First().device);
            yield return ($"vectors.{t}.projected", OfVector(vectors[t].forward(all, absent), t));
        }
    }

    // What the model makes of frozen vectors of some width, as it enters the network.
    Tensor Scaled(Tensor made, int width) => Config.ScaleOf(width) is not 1 and double scale ? made * scale : made;

    Tensor OfText(Tensor made) => Scaled(made, Texts!.Dimension);

    Tensor OfVector(Tensor made, int field) => Scaled(made, FieldVectors!.Dimension(field));

    // Rows of the fields at the model's width, [B,F,W].
    Tensor Fields(Tensor rows) => widths is null ? rows : widths.Fields(rows);

    // Rows of a sequence at the model's width, [B,L,W]: of items, or of its field of tags.
    Tensor Sequence(Tensor rows, int sequence) =>
        widths is null ? rows : widths.Widen(sequence < Behaviours.Count ? CtrInputs.ItemField : Map.Fields.Count + sequence - Behaviours.Count, rows);

    // Item first, then user. What the signal reads must be a feature of this model.
    static int[] SignalFields(CollaborativeSignal signal, FeatureMap map, ImpressionTable table)
    {
        int item = map.Find(table.Find(FieldRole.Item)?.Name), user = map.Find(table.Find(FieldRole.User)?.Name);
        if (signal != CollaborativeSignal.User && item < 0)
            throw new Runs.InputException("experiment", "align.signal", $"{signal}", "ctr.useItemId, or align.lambda of 0: the alignment needs an embedding of the item");
        if (signal != CollaborativeSignal.Item && user < 0)
            throw new Runs.InputException("experiment", "align.signal", $"{signal}", "a field of the role user with ctr.useUserId, or item as the signal");
        return signal switch { CollaborativeSignal.Item => [item], CollaborativeSignal.User => [user], _ => [item, user] };
    }
}
