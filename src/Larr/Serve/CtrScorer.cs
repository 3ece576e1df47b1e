using System.Numerics.Tensors;
using Larr.Align;
using Larr.Ctr;
using Larr.Features;
using Larr.Index;
using Larr.Runs;

namespace Larr.Serve;

/// <summary>
/// A trained click model for serving: the scene is encoded once per request and every candidate scored with it, in plain arithmetic without a tensor
/// library and without allocating. It equals the trained model within 1e-5.
/// </summary>
/// <remarks>
/// C candidates, F fields (text features and embedding fields included), K behaviours and fields of tags, d embedding dimension, I inputs of the backbone, I' = I rounded up to 16. Immutable after loading: any
/// number of threads score at once, each with a <see cref="CtrRequest"/> of its own.
/// </remarks>
public sealed class CtrScorer
{
    internal const int ItemField = 0;
    readonly float[] _embeddings;
    readonly int _dimension, _inputs, _stride, _gated, _categorical, _rowWidth, _scalars;
    readonly LinearLayer? _gate;
    readonly bool _sceneIsField, _sceneProduct;
    readonly float _vectorScale;
    readonly int[] _productFields;
    readonly int _itemText, _userText; // places in the input where they are part of products, or −1
    readonly DinAttention? _din;
    readonly MultiHeadAttention? _multiHead;
    readonly CrossLayers? _cross;
    readonly HiddenLayers? _hidden;
    readonly FusedStreams? _streams;
    readonly LinearLayer _heads;
    readonly LinearLayer? _crossHeads;
    readonly float[] _scalarHeads;

    CtrScorer(CtrModelFolder.Saved saved, FeatureRows features, SceneEncoder? scenes, WeightFile weights)
    {
        (Features, Scenes, Behaviours, HistoryLength) = (features, scenes, saved.Behaviours, saved.Ctr.HistoryLength);
        BackboneKind kind = saved.Ctr.Backbone;
        bool firstOrder = kind is BackboneKind.Lr or BackboneKind.Fm or BackboneKind.DeepFm;
        (_dimension, _categorical) = (saved.Ctr.EmbeddingDimension, features.Fields.Count - features.Projected);
        _rowWidth = firstOrder ? _dimension + 1 : _dimension;
        _embeddings = EmbeddingRows.Read(features, saved.Texts?.Count ?? 0, weights, _dimension, _rowWidth);
        _productFields = [.. saved.ProductFields ?? []];
        if (scenes is not null) _vectorScale = (float)saved.Ctr.ScaleOf(scenes.Artefact.VectorWidth);
        bool products = saved.Ctr.SceneProducts && saved.Ctr.UseItemId;
        (_itemText, _userText) = (products ? TextOf(item: true) : -1, products ? TextOf(item: false) : -1);
        _gated = features.Fields.Count + Behaviours.Count + Tags.Count + (_productFields.Length > 0 ? 1 : 0) + (_userText < 0 ? 0 : 1);
        _sceneIsField = scenes is not null && saved.Align.Use is SceneUse.Field or SceneUse.FieldAndGate;
        if (scenes is not null && saved.Align.Use is SceneUse.Gate or SceneUse.FieldAndGate) _gate = weights.Linear("gate.weigh", _dimension, _gated);
        _sceneProduct = _sceneIsField && products;
        _inputs = (_gated + (_sceneIsField ? 1 : 0) + (_sceneProduct ? 1 : 0)) * _dimension;
        _stride = Kernels.Lanes.RoundUp(_inputs);
        if (kind == BackboneKind.Din) _din = new DinAttention(weights, "backbone.", _dimension);
        if (kind == BackboneKind.TargetAttention) _multiHead = new MultiHeadAttention(weights, "backbone.", _dimension, saved.Ctr.AttentionHeads);
        if (kind == BackboneKind.DcnV2) _cross = new CrossLayers(weights, "backbone.cross.", _inputs, saved.Ctr.CrossLayers);
        if (kind == BackboneKind.FinalMlp) _streams = new FusedStreams(weights, "backbone.", _inputs, saved.UserField, saved.Ctr);
        else if (kind is not (BackboneKind.Lr or BackboneKind.Fm)) _hidden = new HiddenLayers(weights, "backbone.mlp.", _inputs, saved.Ctr.Hidden);

        // The heads read the scalars first, then the cross network's output, then that of the perceptron or the fused streams, as far as there are any: outputs that are added.
        _scalars = kind switch { BackboneKind.Lr => 1, BackboneKind.Fm or BackboneKind.DeepFm => 2, _ => 0 };
        int crossed = _cross is null ? 0 : _inputs, hidden = _hidden?.Outputs ?? _streams?.Outputs ?? 0, inputs = _scalars + crossed + hidden, outputs = (int)weights.Shape("heads.weight")[0];
        float[] heads = weights.Read("heads.weight", outputs * inputs);
        float[] Part(int from, int count) => [.. Enumerable.Range(0, outputs).SelectMany(o => heads.Skip(o * inputs + from).Take(count))];
        _scalarHeads = Part(0, _scalars);
        if (_cross is not null) _crossHeads = new LinearLayer(Part(_scalars, crossed), [], crossed);
        // Without a perceptron the bias alone: one input that is never read as anything but zero.
        _heads = hidden == 0 ? new LinearLayer(new float[outputs], weights.Read("heads.bias", outputs), 1) : new LinearLayer(Part(_scalars + crossed, hidden), weights.Read("heads.bias", outputs), hidden);
        HasConversions = outputs == 2;

        // Where in the input the text of the item, or of the user, lies: the one that is, or is not, of the first field.
        int TextOf(bool item)
        {
            int t = (saved.Texts ?? []).ToList().FindIndex(field => field == features.Fields[ItemField] == item);
            return t < 0 ? -1 : _categorical + Behaviours.Count + Tags.Count + t;
        }
    }

    /// <summary>
    /// The fields of a candidate, in the order of <see cref="CtrRequest"/>'s positions: the categorical ones, then <c>FIELD text</c> where the text of an item or user is
    /// a feature, whose value is the item or user, then the embedding fields, whose value is the key of the vector.
    /// </summary>
    public IReadOnlyList<string> Fields => Features.Fields;

    /// <summary>The behaviours.</summary>
    public IReadOnlyList<string> Behaviours { get; }

    /// <summary>The fields of tags.</summary>
    public IReadOnlyList<string> Tags => Features.Tags;

    /// <summary>The scene fields; empty where a prediction does not depend on the scene vector.</summary>
    public IReadOnlyList<string> SceneFields => Scenes?.Fields ?? [];

    /// <summary>Latest items of each behaviour that are read, and last tags of each field.</summary>
    public int HistoryLength { get; }

    /// <summary>Whether conversions are predicted.</summary>
    public bool HasConversions { get; }

    /// <summary>The scene encoder; null where a prediction does not depend on the scene vector.</summary>
    public SceneEncoder? Scenes { get; }

    internal FeatureRows Features { get; }

    /// <summary>Loads the click model in <paramref name="folder"/>.</summary>
    /// <param name="folder">Folder of a ctr stage.</param>
    /// <param name="live">The index of the scene values; may be null for a model that does not read the scene vector.</param>
    /// <exception cref="InputException">A file is missing, damaged or of another model, or the index is.</exception>
    public static CtrScorer Load(string folder, Generation? live) => Load(folder, encoder =>
        SceneEncoder.Load(encoder, live ?? throw new InputException(folder, "scene", "no index", "the index that the model's scene vectors come from")));

    /// <summary>Loads the click model in <paramref name="folder"/> with a scene encoder of the caller's making.</summary>
    /// <param name="folder">Folder of a ctr stage.</param>
    /// <param name="scenes">Folder → the encoder in it; asked only where the model reads the scene vector.</param>
    public static CtrScorer Load(string folder, Func<string, SceneEncoder> scenes)
    {
        ArgumentNullException.ThrowIfNull(scenes);
        string path = Path.Combine(folder, CtrModelFolder.ConfigFile);
        CtrModelFolder.Saved saved = ConfigReader.Read<CtrModelFolder.Saved>(path, []);
        FeatureMap.Check(folder, saved.Features, path);
        bool reads = saved.Align.Scene != SceneAggregation.None && saved.Align.Use != SceneUse.AlignmentOnly;
        using var weights = new WeightFile(Path.Combine(folder, CtrModelFolder.WeightsFile));
        return new CtrScorer(saved, FeatureRows.Read(folder, saved.Texts ?? [], [.. (saved.Vectors ?? []).Select(v => v.Field)]), reads ? scenes(folder) : null, weights);
    }

    /// <summary>Scores the candidates of a filled request. Allocates nothing.</summary>
    /// <param name="request">The candidates.</param>
    /// <param name="click">Receives pCTR, [count].</param>
    /// <param name="conversion">Receives pCTCVR = pCTR · pCVR, [count]; empty where they are not wanted or not there.</param>
    /// <exception cref="InputException">A feature was not set; the message names it.</exception>
    public void Score(CtrRequest request, Span<float> click, Span<float> conversion)
    {
        ArgumentNullException.ThrowIfNull(request);
        int count = request.Count;
        if (count == 0) return;
        request.Check();
        Span<float> x = request.Memory.AsSpan(0, count * _stride), rest = request.Memory.AsSpan(request.Most * _stride);
        Fill(request, x, rest);
        Span<float> logits = rest[..(count * _heads.Stride)], more = rest.Slice(request.Most * _heads.Stride, count * _heads.Stride);
        rest = rest[(2 * request.Most * _heads.Stride)..];
        if (_streams is not null) _heads.Apply(_streams.Apply(x, _stride, count, rest), _streams.Stride, count, logits);
        else if (_hidden is null) _heads.Apply([0f], 0, count, logits);
        else _heads.Apply(_hidden.Apply(x, _stride, count, rest[..(request.Most * _hidden.ScratchPerRow)]), _hidden.Stride, count, logits);
        if (_crossHeads is not null)
        {
            _crossHeads.Apply(_cross!.Apply(x, _stride, count, rest), _stride, count, more);
            TensorPrimitives.Add(logits, more, logits);
        }
        if (_scalars > 0) AddScalars(request, x, logits);
        for (int c = 0; c < count; c++)
        {
            click[c] = Sigmoid(logits[c * _heads.Stride]);
            if (!conversion.IsEmpty && HasConversions) conversion[c] = click[c] * Sigmoid(logits[c * _heads.Stride + 1]);
        }
    }

    /// <summary>Floats of memory for requests of at most <paramref name="most"/> candidates.</summary>
    internal int MemoryLength(int most)
    {
        int score = most * (2 * _heads.Stride + Math.Max(_hidden?.ScratchPerRow ?? _streams?.ScratchPerRow ?? 0, _cross?.ScratchPerRow ?? 0));
        int attention = Math.Max(_din?.ScratchLength(HistoryLength) ?? 0, _multiHead?.ScratchLength(HistoryLength) ?? 0);
        int fill = 2 * Kernels.Lanes.RoundUp(_dimension) + Kernels.Lanes.RoundUp(_gated) + HistoryLength * _dimension + attention;
        return most * _stride + Math.Max(score, fill);
    }

    // The backbone's input [C,I']: fields, pooled behaviours, means of tags, texts, products, scene.
    void Fill(CtrRequest request, Span<float> x, Span<float> scratch)
    {
        int d = _dimension, fields = Fields.Count, count = request.Count;
        Span<float> scene = scratch[..Kernels.Lanes.RoundUp(d)], shown = scratch.Slice(scene.Length, d), rest = scratch[(2 * scene.Length)..];
        Span<float> gates = rest[..Kernels.Lanes.RoundUp(_gated)], history = rest.Slice(gates.Length, HistoryLength * d), attention = rest[(gates.Length + history.Length)..];
        x.Clear();
        for (int c = 0; c < count; c++)
            for (int f = 0; f < fields; f++)
            {
                Span<float> to = x.Slice(c * _stride + (f < _categorical ? f : f + Behaviours.Count + Tags.Count) * d, d);
                TensorPrimitives.Multiply(Row(request.Ids[c * fields + f]), request.Scales[c * fields + f], to);
            }
        for (int k = 0; k < Behaviours.Count; k++) Pool(request, k, x, history, attention);
        for (int t = 0; t < Tags.Count; t++) Mean(request, t, x);
        for (int c = 0; c < count; c++) Products(x.Slice(c * _stride, _inputs), shown);
        if (Scenes is null) return;
        Scenes.Encode(request.SceneCodes, request.SceneWorkspace!, scene[..d]);
        _gate?.Apply(scene, d, 1, gates);
        TensorPrimitives.Multiply(scene[..d], _vectorScale, scene[..d]);
        if (_sceneProduct)
            for (int c = 0; c < count; c++)
            {
                Span<float> row = x.Slice(c * _stride, _inputs);
                TensorPrimitives.Multiply(scene[..d], Shown(row, shown), row.Slice((_gated + 1) * d, d));
            }
        if (_gate is not null)
        {
            for (int g = 0; g < _gated; g++)
            {
                float gate = 2 * Sigmoid(gates[g]);
                for (int c = 0; c < count; c++) TensorPrimitives.Multiply(x.Slice(c * _stride + g * d, d), gate, x.Slice(c * _stride + g * d, d));
            }
        }
        if (_sceneIsField)
            for (int c = 0; c < count; c++) scene[..d].CopyTo(x[(c * _stride + _gated * d)..]);
    }

    // What does not depend on the scene vector, in the last places before it: the mean of the scene's identifiers and the user's text, each times the item.
    void Products(Span<float> x, Span<float> scratch)
    {
        int d = _dimension;
        if (_productFields.Length == 0 && _userText < 0) return;
        ReadOnlySpan<float> shown = Shown(x, scratch);
        if (_userText >= 0) TensorPrimitives.Multiply(x.Slice(_userText * d, d), shown, x.Slice((_gated - 1) * d, d));
        if (_productFields.Length == 0) return;
        Span<float> product = x.Slice((_gated - (_userText < 0 ? 1 : 2)) * d, d);
        foreach (int field in _productFields) TensorPrimitives.Add(product, x.Slice(field * d, d), product);
        TensorPrimitives.Multiply(product, 1f / _productFields.Length, product);
        TensorPrimitives.Multiply(product, shown, product);
    }

    // The item of a row as products see it: its identifier, and its text where that is a feature.
    ReadOnlySpan<float> Shown(ReadOnlySpan<float> x, Span<float> scratch)
    {
        if (_itemText < 0) return x[.._dimension];
        TensorPrimitives.Add(x[.._dimension], x.Slice(_itemText * _dimension, _dimension), scratch);
        return scratch;
    }

    void Mean(CtrRequest request, int tags, Span<float> x)
    {
        int at = (_categorical + Behaviours.Count + tags) * _dimension;
        for (int c = 0; c < request.Count; c++)
        {
            ReadOnlySpan<int> rows = request.Tags(c, tags);
            Span<float> mean = x.Slice(c * _stride + at, _dimension);
            foreach (int row in rows) TensorPrimitives.Add(mean, Row(row), mean);
            TensorPrimitives.Divide(mean, Math.Max(1, rows.Length), mean);
        }
    }

    void Pool(CtrRequest request, int behaviour, Span<float> x, Span<float> history, Span<float> scratch)
    {
        int d = _dimension, length = request.HistoryLength(behaviour), at = (_categorical + behaviour) * d;
        for (int l = 0; l < length; l++) Row(request.Histories[behaviour * HistoryLength + l]).CopyTo(history[(l * d)..]);
        if (length == 0) return;
        _din?.Keys(history, length, scratch);
        _multiHead?.Keys(history, length, scratch);
        for (int c = 0; c < request.Count; c++)
        {
            Span<float> pooled = x.Slice(c * _stride + at, d);
            if (_din is not null) _din.Pool(x.Slice(c * _stride, d), history, length, scratch, pooled);
            else if (_multiHead is not null) _multiHead.Pool(x.Slice(c * _stride, d), length, scratch, pooled);
            else if (c > 0) x.Slice(at, d).CopyTo(pooled);
            else
            {
                for (int l = 0; l < length; l++) TensorPrimitives.Add(pooled, history.Slice(l * d, d), pooled);
                TensorPrimitives.Divide(pooled, length, pooled);
            }
        }
    }

    // Sum of first-order weights, and of the inner products of all pairs of vectors as half of the square of their sum without their squares.
    void AddScalars(CtrRequest request, ReadOnlySpan<float> x, Span<float> logits)
    {
        int d = _dimension, fields = Fields.Count;
        Span<float> sum = stackalloc float[d];
        for (int c = 0; c < request.Count; c++)
        {
            float first = 0, pairs = 0;
            for (int f = 0; f < _categorical; f++) first += _embeddings[request.Ids[c * fields + f] * _rowWidth + d] * request.Scales[c * fields + f];
            for (int t = 0; t < Tags.Count; t++)
            {
                ReadOnlySpan<int> rows = request.Tags(c, t);
                float weights = 0;
                foreach (int tag in rows) weights += _embeddings[tag * _rowWidth + d];
                first += weights / Math.Max(1, rows.Length);
            }
            if (_scalars == 2)
            {
                ReadOnlySpan<float> row = x.Slice(c * _stride, _inputs);
                sum.Clear();
                for (int v = 0; v < _inputs; v += d) TensorPrimitives.Add(sum, row.Slice(v, d), sum);
                pairs = (TensorPrimitives.SumOfSquares<float>(sum) - TensorPrimitives.SumOfSquares(row)) / 2;
            }
            for (int o = 0; o < _scalarHeads.Length / _scalars; o++)
                logits[c * _heads.Stride + o] += first * _scalarHeads[o * _scalars] + (_scalars == 2 ? pairs * _scalarHeads[o * _scalars + 1] : 0);
        }
    }

    ReadOnlySpan<float> Row(int row) => _embeddings.AsSpan(row * _rowWidth, _dimension);

    static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
