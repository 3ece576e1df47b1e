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
    readonly ScorerInput _input;
    readonly int _scalars;
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
        _input = new ScorerInput(saved, features, scenes, weights);
        if (kind == BackboneKind.DcnV2) _cross = new CrossLayers(weights, "backbone.cross.", _input.Width, saved.Ctr.CrossLayers);
        if (kind == BackboneKind.FinalMlp) _streams = new FusedStreams(weights, "backbone.", _input.Width, saved.UserField, saved.Ctr);
        else if (kind is not (BackboneKind.Lr or BackboneKind.Fm)) _hidden = new HiddenLayers(weights, "backbone.mlp.", _input.Width, saved.Ctr.Hidden);

        // The heads read the scalars first, then the cross network's output, then that of the perceptron or the fused streams, as far as there are any: outputs that are added.
        _scalars = kind switch { BackboneKind.Lr => 1, BackboneKind.Fm or BackboneKind.DeepFm => 2, _ => 0 };
        int crossed = _cross is null ? 0 : _input.Width, hidden = _hidden?.Outputs ?? _streams?.Outputs ?? 0, inputs = _scalars + crossed + hidden, outputs = (int)weights.Shape("heads.weight")[0];
        float[] heads = weights.Read("heads.weight", outputs * inputs);
        float[] Part(int from, int count) => [.. Enumerable.Range(0, outputs).SelectMany(o => heads.Skip(o * inputs + from).Take(count))];
        _scalarHeads = Part(0, _scalars);
        if (_cross is not null) _crossHeads = new LinearLayer(Part(_scalars, crossed), [], crossed);
        // Without a perceptron the bias alone: one input that is never read as anything but zero.
        _heads = hidden == 0 ? new LinearLayer(new float[outputs], weights.Read("heads.bias", outputs), 1) : new LinearLayer(Part(_scalars + crossed, hidden), weights.Read("heads.bias", outputs), hidden);
        HasConversions = outputs == 2;
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
        FeatureMapFolder.Check(folder, saved.Features, path);
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
        Span<float> x = request.Memory.AsSpan(0, count * _input.Stride), rest = request.Memory.AsSpan(request.Most * _input.Stride);
        _input.Fill(request, x, rest);
        Span<float> logits = rest[..(count * _heads.Stride)], more = rest.Slice(request.Most * _heads.Stride, count * _heads.Stride);
        rest = rest[(2 * request.Most * _heads.Stride)..];
        if (_streams is not null) _heads.Apply(_streams.Apply(x, _input.Stride, count, rest), _streams.Stride, count, logits);
        else if (_hidden is null) _heads.Apply([0f], 0, count, logits);
        else _heads.Apply(_hidden.Apply(x, _input.Stride, count, rest[..(request.Most * _hidden.ScratchPerRow)]), _hidden.Stride, count, logits);
        if (_crossHeads is not null)
        {
            _crossHeads.Apply(_cross!.Apply(x, _input.Stride, count, rest), _input.Stride, count, more);
            TensorPrimitives.Add(logits, more, logits);
        }
        if (_scalars > 0) AddScalars(request, x, logits);
        for (int c = 0; c < count; c++)
        {
            click[c] = ScorerInput.Sigmoid(logits[c * _heads.Stride]);
            if (!conversion.IsEmpty && HasConversions) conversion[c] = click[c] * ScorerInput.Sigmoid(logits[c * _heads.Stride + 1]);
        }
    }

    /// <summary>Floats of memory for requests of at most <paramref name="most"/> candidates.</summary>
    internal int MemoryLength(int most)
    {
        int score = most * (2 * _heads.Stride + Math.Max(_hidden?.ScratchPerRow ?? _streams?.ScratchPerRow ?? 0, _cross?.ScratchPerRow ?? 0));
        return most * _input.Stride + Math.Max(score, _input.ScratchLength);
    }

    // What logistic regression and factorisation machines add to the logits.
    void AddScalars(CtrRequest request, ReadOnlySpan<float> x, Span<float> logits)
    {
        for (int c = 0; c < request.Count; c++)
        {
            float first = _input.FirstOrder(request, c), pairs = _scalars == 2 ? _input.Pairs(x.Slice(c * _input.Stride, _input.Width)) : 0;
            for (int o = 0; o < _scalarHeads.Length / _scalars; o++)
                logits[c * _heads.Stride + o] += first * _scalarHeads[o * _scalars] + (_scalars == 2 ? pairs * _scalarHeads[o * _scalars + 1] : 0);
        }
    }
}
