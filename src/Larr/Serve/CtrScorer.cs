using System.Numerics.Tensors;
using Larr.Align;
using Larr.Ctr;
using Larr.Index;
using Larr.Runs;

namespace Larr.Serve;

/// <summary>
/// A trained click model for serving: the scene is encoded once per request and every candidate scored with it, in plain arithmetic without a tensor
/// library and without allocating. It equals the trained model within 1e-5.
/// </summary>
/// <remarks>
/// C candidates, F fields, K behaviours, d embedding dimension, I inputs of the backbone, I' = I rounded up to 16. Immutable after loading: any
/// number of threads score at once, each with a <see cref="CtrRequest"/> of its own.
/// </remarks>
public sealed class CtrScorer
{
    internal const int ItemField = 0;
    readonly float[] _embeddings;
    readonly int _dimension, _inputs, _stride, _gated;
    readonly LinearLayer? _gate;
    readonly bool _sceneIsField;
    readonly DinAttention? _attention;
    readonly CrossLayers? _cross;
    readonly HiddenLayers _hidden;
    readonly LinearLayer _heads, _crossHeads;

    CtrScorer(CtrModelFolder.Saved saved, FeatureRows features, SceneEncoder? scenes, WeightFile weights)
    {
        (Features, Scenes, Behaviours, HistoryLength) = (features, scenes, saved.Behaviours, saved.Ctr.HistoryLength);
        _dimension = saved.Ctr.EmbeddingDimension;
        _embeddings = weights.Read("embeddings", checked(features.Size * _dimension));
        _gated = features.Fields.Count + Behaviours.Count;
        _sceneIsField = scenes is not null && saved.Align.Use is SceneUse.Field or SceneUse.FieldAndGate;
        if (scenes is not null && saved.Align.Use is SceneUse.Gate or SceneUse.FieldAndGate) _gate = weights.Linear("gate.weigh", _dimension, _gated);
        _inputs = (_gated + (_sceneIsField ? 1 : 0)) * _dimension;
        _stride = LinearLayer.RoundUp(_inputs);
        if (saved.Ctr.Backbone == BackboneKind.Din) _attention = new DinAttention(weights, "backbone.", _dimension);
        if (saved.Ctr.Backbone == BackboneKind.DcnV2) _cross = new CrossLayers(weights, "backbone.cross.", _inputs, saved.Ctr.CrossLayers);
        _hidden = new HiddenLayers(weights, "backbone.mlp.", _inputs, saved.Ctr.Hidden);

        // The heads read the cross network's output first, where there is one, then the perceptron's: two layers whose outputs are added.
        int crossed = _cross is null ? 0 : _inputs, outputs = (int)weights.Shape("heads.weight")[0];
        float[] heads = weights.Read("heads.weight", outputs * (crossed + _hidden.Outputs));
        LinearLayer Head(int from, int count, float[] bias)
        {
            float[] part = new float[outputs * count];
            for (int o = 0; o < outputs; o++) heads.AsSpan(o * (crossed + _hidden.Outputs) + from, count).CopyTo(part.AsSpan(o * count));
            return new LinearLayer(part, bias, count);
        }

        _heads = Head(crossed, _hidden.Outputs, weights.Read("heads.bias", outputs));
        _crossHeads = _cross is null ? _heads : Head(0, crossed, []);
        HasConversions = outputs == 2;
    }

    /// <summary>The categorical fields of a candidate, in the order of <see cref="CtrRequest"/>'s positions.</summary>
    public IReadOnlyList<string> Fields => Features.Fields;

    /// <summary>The behaviours.</summary>
    public IReadOnlyList<string> Behaviours { get; }

    /// <summary>The scene fields; empty where a prediction does not depend on the scene vector.</summary>
    public IReadOnlyList<string> SceneFields => Scenes?.Fields ?? [];

    /// <summary>Latest items of each behaviour that are read.</summary>
    public int HistoryLength { get; }

    /// <summary>Whether conversions are predicted.</summary>
    public bool HasConversions { get; }

    /// <summary>The scene encoder; null where a prediction does not depend on the scene vector.</summary>
    public SceneEncoder? Scenes { get; }

    internal FeatureRows Features { get; }

    /// <summary>Loads the click model in <paramref name="folder"/>.</summary>
    /// <param name="folder">Folder of a ctr stage.</param>
    /// <param name="live">The index of the scene values; may be null for a model that does not read the scene vector.</param>
    /// <exception cref="InputException">A file is missing or damaged, the backbone is not served, or the index is of another model.</exception>
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
        if (saved.Ctr.Backbone is not (BackboneKind.Dnn or BackboneKind.DcnV2 or BackboneKind.Din))
            throw new InputException(path, "ctr.backbone", $"{saved.Ctr.Backbone}", "dnn, dcnV2 or din: the others are not served yet");
        bool reads = saved.Align.Scene != SceneAggregation.None && saved.Align.Use != SceneUse.AlignmentOnly;
        using var weights = new WeightFile(Path.Combine(folder, CtrModelFolder.WeightsFile));
        return new CtrScorer(saved, FeatureRows.Read(folder), reads ? scenes(folder) : null, weights);
    }

    /// <summary>Scores the candidates of a filled request. Allocates nothing.</summary>
    /// <param name="request">The candidates.</param>
    /// <param name="click">Receives pCTR, [count].</param>
    /// <param name="conversion">Receives pCTCVR = pCTR · pCVR, [count]; empty where they are not wanted or not there.</param>
    /// <exception cref="InputException">A feature was not set; the message names it.</exception>
    public void Score(CtrRequest request, Span<float> click, Span<float> conversion)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Check();
        int count = request.Count;
        Span<float> x = request.Memory.AsSpan(0, count * _stride), rest = request.Memory.AsSpan(request.Most * _stride);
        Fill(request, x, rest);
        Span<float> hidden = _hidden.Apply(x, _stride, count, rest[..(request.Most * _hidden.ScratchPerRow)]);
        rest = rest[(request.Most * _hidden.ScratchPerRow)..];
        Span<float> logits = rest[..(count * _heads.Stride)];
        _heads.Apply(hidden, _hidden.Stride, count, logits);
        if (_cross is not null)
        {
            Span<float> more = rest.Slice(request.Most * _heads.Stride, count * _heads.Stride);
            _crossHeads.Apply(_cross.Apply(x, _stride, count, rest[(2 * request.Most * _heads.Stride)..]), _stride, count, more);
            TensorPrimitives.Add(logits, more, logits);
        }
        for (int c = 0; c < count; c++)
        {
            click[c] = Sigmoid(logits[c * _heads.Stride]);
            if (!conversion.IsEmpty && HasConversions) conversion[c] = click[c] * Sigmoid(logits[c * _heads.Stride + 1]);
        }
    }

    /// <summary>Floats of memory for requests of at most <paramref name="most"/> candidates.</summary>
    internal int MemoryLength(int most)
    {
        int score = most * (_hidden.ScratchPerRow + 2 * _heads.Stride + (_cross?.ScratchPerRow ?? 0));
        int fill = LinearLayer.RoundUp(_dimension) + LinearLayer.RoundUp(_gated) + HistoryLength * _dimension + (_attention?.ScratchLength(HistoryLength) ?? 0);
        return most * _stride + Math.Max(score, fill);
    }

    // The backbone's input [C,I']: fields, pooled behaviours, scene.
    void Fill(CtrRequest request, Span<float> x, Span<float> scratch)
    {
        int d = _dimension, fields = Fields.Count, count = request.Count;
        Span<float> scene = scratch[..LinearLayer.RoundUp(d)], gates = scratch.Slice(scene.Length, LinearLayer.RoundUp(_gated));
        Span<float> history = scratch.Slice(scene.Length + gates.Length, HistoryLength * d), attention = scratch[(scene.Length + gates.Length + history.Length)..];
        x.Clear();
        for (int c = 0; c < count; c++)
            for (int f = 0; f < fields; f++) Row(request.Ids[c * fields + f]).CopyTo(x[(c * _stride + f * d)..]);
        for (int k = 0; k < Behaviours.Count; k++) Pool(request, k, x, history, attention);
        if (Scenes is null) return;
        Scenes.Encode(request.SceneCodes, request.SceneWorkspace!, scene[..d]);
        if (_gate is not null)
        {
            _gate.Apply(scene, d, 1, gates);
            for (int g = 0; g < _gated; g++)
            {
                float gate = 2 * Sigmoid(gates[g]);
                for (int c = 0; c < count; c++) TensorPrimitives.Multiply(x.Slice(c * _stride + g * d, d), gate, x.Slice(c * _stride + g * d, d));
            }
        }
        if (_sceneIsField)
            for (int c = 0; c < count; c++) scene[..d].CopyTo(x[(c * _stride + _gated * d)..]);
    }

    void Pool(CtrRequest request, int behaviour, Span<float> x, Span<float> history, Span<float> scratch)
    {
        int d = _dimension, length = request.HistoryLength(behaviour), at = (Fields.Count + behaviour) * d;
        for (int l = 0; l < length; l++) Row(request.Histories[behaviour * HistoryLength + l]).CopyTo(history[(l * d)..]);
        if (length == 0) return;
        _attention?.Keys(history, length, scratch);
        for (int c = 0; c < request.Count; c++)
        {
            Span<float> pooled = x.Slice(c * _stride + at, d);
            if (_attention is not null) _attention.Pool(x.Slice(c * _stride, d), history, length, scratch, pooled);
            else if (c > 0) x.Slice(at, d).CopyTo(pooled);
            else
            {
                for (int l = 0; l < length; l++) TensorPrimitives.Add(pooled, history.Slice(l * d, d), pooled);
                TensorPrimitives.Divide(pooled, length, pooled);
            }
        }
    }

    ReadOnlySpan<float> Row(int row) => _embeddings.AsSpan(row * _dimension, _dimension);

    static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
