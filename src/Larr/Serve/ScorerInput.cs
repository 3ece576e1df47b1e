using System.Numerics.Tensors;
using Larr.Align;
using Larr.Ctr;
using Larr.Ctr.Inputs;

namespace Larr.Serve;

/// <summary>From a request to the input of a served click model's backbone, as <see cref="CtrModel.Input"/> makes it in training.</summary>
/// <remarks>
/// C candidates, F fields (text features and embedding fields included), K behaviours and fields of tags, d embedding dimension, I inputs of the backbone, I' = I rounded up to 16.
/// </remarks>
sealed class ScorerInput
{
    readonly FeatureRows _features;
    readonly SceneEncoder? _scenes;
    readonly float[] _embeddings;
    readonly int _dimension, _rowWidth, _behaviours, _historyLength, _categorical;
    readonly int _gated; // vectors that the scene gates: all before the scene's own
    readonly LinearLayer? _gate;
    readonly bool _sceneIsField, _sceneProduct;
    readonly float _vectorScale;
    readonly int[] _productFields;
    readonly int _itemText, _userText; // places in the input where they are part of products, or −1
    readonly DinAttention? _din;
    readonly MultiHeadAttention? _multiHead;

    public ScorerInput(CtrModelFolder.Saved saved, FeatureRows features, SceneEncoder? scenes, WeightFile weights)
    {
        (_features, _scenes, _behaviours, _historyLength) = (features, scenes, saved.Behaviours.Count, saved.Ctr.HistoryLength);
        BackboneKind kind = saved.Ctr.Backbone;
        bool firstOrder = kind is BackboneKind.Lr or BackboneKind.Fm or BackboneKind.DeepFm;
        (_dimension, _categorical) = (saved.Ctr.EmbeddingDimension, features.Fields.Count - features.Projected);
        _rowWidth = firstOrder ? _dimension + 1 : _dimension;
        _embeddings = EmbeddingRows.Read(features, saved.Texts?.Count ?? 0, weights, _dimension, _rowWidth);
        _productFields = [.. saved.ProductFields ?? []];
        if (scenes is not null) _vectorScale = (float)saved.Ctr.ScaleOf(scenes.Artefact.VectorWidth);
        bool products = saved.Ctr.SceneProducts && saved.Ctr.UseItemId;
        (_itemText, _userText) = (products ? TextOf(item: true) : -1, products ? TextOf(item: false) : -1);
        _gated = features.Fields.Count + _behaviours + features.Tags.Count + (_productFields.Length > 0 ? 1 : 0) + (_userText < 0 ? 0 : 1);
        _sceneIsField = scenes is not null && saved.Align.Use is SceneUse.Field or SceneUse.FieldAndGate;
        if (scenes is not null && saved.Align.Use is SceneUse.Gate or SceneUse.FieldAndGate) _gate = weights.Linear("gate.weigh", _dimension, _gated);
        _sceneProduct = _sceneIsField && products;
        Width = (_gated + (_sceneIsField ? 1 : 0) + (_sceneProduct ? 1 : 0)) * _dimension;
        Stride = Kernels.Lanes.RoundUp(Width);
        if (kind == BackboneKind.Din) _din = new DinAttention(weights, "backbone.", _dimension);
        if (kind == BackboneKind.TargetAttention) _multiHead = new MultiHeadAttention(weights, "backbone.", _dimension, saved.Ctr.AttentionHeads);

        // Where in the input the text of the item, or of the user, lies: the one that is, or is not, of the first field.
        int TextOf(bool item)
        {
            int t = (saved.Texts ?? []).ToList().FindIndex(field => field == features.Fields[CtrInputs.ItemField] == item);
            return t < 0 ? -1 : _categorical + _behaviours + features.Tags.Count + t;
        }
    }

    /// <summary>I.</summary>
    public int Width { get; }

    /// <summary>I'.</summary>
    public int Stride { get; }

    /// <summary>Floats of memory that <see cref="Fill"/> needs beside the input.</summary>
    public int ScratchLength => 2 * Kernels.Lanes.RoundUp(_dimension) + Kernels.Lanes.RoundUp(_gated) + _historyLength * _dimension
        + Math.Max(_din?.ScratchLength(_historyLength) ?? 0, _multiHead?.ScratchLength(_historyLength) ?? 0);

    /// <summary>Fills x [C,I']: fields, pooled behaviours, means of tags, texts, products, scene.</summary>
    /// <param name="request">The candidates.</param>
    /// <param name="x">Receives the input, zeros from the inputs on.</param>
    /// <param name="scratch">Memory of <see cref="ScratchLength"/>.</param>
    public void Fill(CtrRequest request, Span<float> x, Span<float> scratch)
    {
        int d = _dimension, fields = _features.Fields.Count, count = request.Count;
        Span<float> scene = scratch[..Kernels.Lanes.RoundUp(d)], shown = scratch.Slice(scene.Length, d), rest = scratch[(2 * scene.Length)..];
        Span<float> gates = rest[..Kernels.Lanes.RoundUp(_gated)], history = rest.Slice(gates.Length, _historyLength * d), attention = rest[(gates.Length + history.Length)..];
        x.Clear();
        for (int c = 0; c < count; c++)
            for (int f = 0; f < fields; f++)
            {
                Span<float> to = x.Slice(c * Stride + (f < _categorical ? f : f + _behaviours + _features.Tags.Count) * d, d);
                TensorPrimitives.Multiply(Row(request.Ids[c * fields + f]), request.Scales[c * fields + f], to);
            }
        for (int k = 0; k < _behaviours; k++) Pool(request, k, x, history, attention);
        for (int t = 0; t < _features.Tags.Count; t++) Mean(request, t, x);
        for (int c = 0; c < count; c++) Products(x.Slice(c * Stride, Width), shown);
        if (_scenes is null) return;
        _scenes.Encode(request.SceneCodes, request.SceneWorkspace!, scene[..d]);
        _gate?.Apply(scene, d, 1, gates);
        TensorPrimitives.Multiply(scene[..d], _vectorScale, scene[..d]);
        if (_sceneProduct)
            for (int c = 0; c < count; c++)
            {
                Span<float> row = x.Slice(c * Stride, Width);
                TensorPrimitives.Multiply(scene[..d], Shown(row, shown), row.Slice((_gated + 1) * d, d));
            }
        if (_gate is not null)
        {
            for (int g = 0; g < _gated; g++)
            {
                float gate = 2 * Sigmoid(gates[g]);
                for (int c = 0; c < count; c++) TensorPrimitives.Multiply(x.Slice(c * Stride + g * d, d), gate, x.Slice(c * Stride + g * d, d));
            }
        }
        if (_sceneIsField)
            for (int c = 0; c < count; c++) scene[..d].CopyTo(x[(c * Stride + _gated * d)..]);
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
        int at = (_categorical + _behaviours + tags) * _dimension;
        for (int c = 0; c < request.Count; c++)
        {
            ReadOnlySpan<int> rows = request.Tags(c, tags);
            Span<float> mean = x.Slice(c * Stride + at, _dimension);
            foreach (int row in rows) TensorPrimitives.Add(mean, Row(row), mean);
            TensorPrimitives.Divide(mean, Math.Max(1, rows.Length), mean);
        }
    }

    void Pool(CtrRequest request, int behaviour, Span<float> x, Span<float> history, Span<float> scratch)
    {
        int d = _dimension, length = request.HistoryLength(behaviour), at = (_categorical + behaviour) * d;
        for (int l = 0; l < length; l++) Row(request.Histories[behaviour * _historyLength + l]).CopyTo(history[(l * d)..]);
        if (length == 0) return;
        _din?.Keys(history, length, scratch);
        _multiHead?.Keys(history, length, scratch);
        for (int c = 0; c < request.Count; c++)
        {
            Span<float> pooled = x.Slice(c * Stride + at, d);
            if (_din is not null) _din.Pool(x.Slice(c * Stride, d), history, length, scratch, pooled);
            else if (_multiHead is not null) _multiHead.Pool(x.Slice(c * Stride, d), length, scratch, pooled);
            else if (c > 0) x.Slice(at, d).CopyTo(pooled);
            else
            {
                for (int l = 0; l < length; l++) TensorPrimitives.Add(pooled, history.Slice(l * d, d), pooled);
                TensorPrimitives.Divide(pooled, length, pooled);
            }
        }
    }

    /// <summary>Sum of the first-order weights of a candidate's values; of a field of tags their mean.</summary>
    public float FirstOrder(CtrRequest request, int candidate)
    {
        float sum = 0;
        for (int f = 0; f < _categorical; f++)
        {
            int at = candidate * _features.Fields.Count + f;
            sum += _embeddings[request.Ids[at] * _rowWidth + _dimension] * request.Scales[at];
        }
        for (int t = 0; t < _features.Tags.Count; t++)
        {
            ReadOnlySpan<int> rows = request.Tags(candidate, t);
            float weights = 0;
            foreach (int tag in rows) weights += _embeddings[tag * _rowWidth + _dimension];
            sum += weights / Math.Max(1, rows.Length);
        }
        return sum;
    }

    /// <summary>Sum of the inner products of all pairs of vectors of a row [I]: half of the square of their sum without their squares.</summary>
    public float Pairs(ReadOnlySpan<float> row)
    {
        Span<float> sum = stackalloc float[_dimension];
        sum.Clear();
        for (int v = 0; v < Width; v += _dimension) TensorPrimitives.Add(sum, row.Slice(v, _dimension), sum);
        return (TensorPrimitives.SumOfSquares<float>(sum) - TensorPrimitives.SumOfSquares(row)) / 2;
    }

    ReadOnlySpan<float> Row(int row) => _embeddings.AsSpan(row * _rowWidth, _dimension);

    internal static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
