using Larr.Corpus;
using Larr.Embed.Packed;
using Larr.Model;
using Larr.Runs;
using Larr.Tokens;
using Microsoft.Extensions.AI;
using static TorchSharp.torch;

namespace Larr.Embed;

/// <summary>Vectors of texts and what they cost.</summary>
/// <param name="Vectors">A unit vector for each text, in the order of the texts; equal texts share one array.</param>
/// <param name="Tokens">Tokens of each text, the embedding token included, after cutting.</param>
/// <param name="TokensDistinct">Tokens of the distinct texts.</param>
/// <param name="TokensComputed">Tokens that went through the model: those of the distinct texts, beginnings that texts of a batch share counted once.</param>
/// <param name="Duplicates">Texts that had occurred before.</param>
/// <param name="Cut">Distinct texts that were too long.</param>
public sealed record EmbeddedTexts(float[][] Vectors, int[] Tokens, long TokensDistinct, long TokensComputed, int Duplicates, int Cut);

/// <summary>
/// Embeds many short texts at once: exact duplicates once, shared beginnings once, without padding or output head, on as many threads as
/// the tensor library has. In float32 a vector's bits depend on its text alone, whatever the batch, its size and the number of threads; in
/// bfloat16 they may differ in the last place. Calls from several threads take turns; a cancelled call stops between batches.
/// </summary>
public sealed class PackedEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    readonly PackedEngine _engine;
    readonly TextTokenizer _tokenizer;
    readonly EmbedConfig _config;
    readonly Pooling _pooling;
    readonly TextAttention _attention;
    readonly string _model;
    readonly int _maxTokens;
    readonly Lock _turn = new();
    bool _disposed;

    /// <summary>An embedder over an encoder, which it owns from now on and whose weights it copies.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="tokenizer">Its tokenizer; with last-token pooling it must know the embedding token.</param>
    /// <param name="model">Hash of the encoder, for the identity of its vectors.</param>
    /// <param name="config">Batches, precision and form of the vectors.</param>
    /// <param name="device">Where to compute; null: the processor. llama.cpp decides for itself.</param>
    /// <exception cref="InputException">The model has no vectors of the configured width, or llama.cpp is asked for and absent.</exception>
    public PackedEmbedder(TextEncoder encoder, TextTokenizer tokenizer, string model, EmbedConfig config, Device? device = null)
    {
        (_tokenizer, _model, _config, _pooling, _attention) = (tokenizer, model, config, encoder.Pooling, encoder.Attention);
        if (_pooling == Pooling.LastToken && !tokenizer.Has(EmbedToken.Text))
            throw new InputException("tokenizer.json", "added_tokens", $"no {EmbedToken.Text}", "the embedding token, which last-token pooling reads");
        Suffix = _pooling == Pooling.LastToken ? [tokenizer.Id(EmbedToken.Text)] : [];
        _maxTokens = Math.Min(config.MaxTokens, encoder.LanguageModel.Config.MaxLength);
        if (_maxTokens <= Suffix.Length || config.BatchTokens < 1) throw new ArgumentException($"MaxTokens {config.MaxTokens}, BatchTokens {config.BatchTokens}: too few", nameof(config));
        Form = new VectorForm(encoder.Dimension, config.Width, config.Quantize);
        Precision = (config.Engine == EmbedEngine.Llama ? "llama.cpp, " : "") + config.Precision.Type().ToString().ToLowerInvariant();
        _engine = config.Engine == EmbedEngine.Llama
            ? new PackedEngine(new LlamaWorker(encoder, tokenizer, config.Precision.Type(), config.BatchTokens, _maxTokens))
            : new PackedEngine(encoder, config.Precision.Type(), config.BatchTokens, _maxTokens, device ?? CPU);
    }

    /// <summary>Loads an encoder's folder; a plain Hugging Face folder is read as mean pooling without projection.</summary>
    /// <exception cref="InputException">A file is missing or malformed, or the model has no vectors of the configured width.</exception>
    public static PackedEmbedder Load(string folder, EmbedConfig config, Device? device = null)
    {
        string model = TextEncoder.Identity(folder);
        (TextEncoder encoder, TextTokenizer tokenizer) = TextEncoder.Load(folder);
        return new PackedEmbedder(encoder, tokenizer, model, config, device);
    }

    /// <summary>Components of a vector.</summary>
    public int Dimension => Form.Width;

    /// <summary>What decides a vector's last bits: the type of the matrix products on this machine, float32 or bfloat16, and the engine if it is not our own.</summary>
    public string Precision { get; }

    /// <summary>How the model's vectors are shortened and rounded.</summary>
    public VectorForm Form { get; }

    /// <summary>Ids that follow every text: the embedding token, or none.</summary>
    internal int[] Suffix { get; }

    /// <summary>Longest text; longer ones are cut.</summary>
    internal int MaxTokens => _maxTokens;

    /// <summary>The identity of this embedder's vectors of texts by the given templates.</summary>
    /// <param name="templateHash">See <see cref="SceneTexts.TemplateHash"/>.</param>
    public VectorIdentity Identity(string templateHash) =>
        new(_model, _tokenizer.Hash, templateHash, (_pooling == Pooling.LastToken ? "lastToken" : "mean") + (_attention == TextAttention.Bidirectional ? ", bidirectional" : "") + Form.Name, Dimension);

    /// <summary>Embeds texts and waits for them.</summary>
    /// <param name="texts">Any number of texts.</param>
    /// <param name="progress">Receives the finished share of the texts, one call at a time.</param>
    /// <param name="cancel">Stops between batches.</param>
    /// <exception cref="ArgumentException">A text is empty; the message names its index.</exception>
    /// <exception cref="InvalidDataException">The model gave a vector that is not finite; the message names the text.</exception>
    public EmbeddedTexts Embed(IReadOnlyList<string> texts, Action<double>? progress = null, CancellationToken cancel = default)
    {
        for (int t = 0; t < texts.Count; t++)
            if (string.IsNullOrWhiteSpace(texts[t])) throw new ArgumentException($"text {t} is empty", nameof(texts));
        EmbeddedTexts embedded = EmbedAny(texts, progress, cancel);
        for (int t = 0; t < texts.Count; t++)
            if (embedded.Vectors[t].Length == 0) throw new InvalidDataException($"text {t}, \"{texts[t]}\": the model gave a vector that is not finite");
        return embedded;
    }

    /// <summary>As <see cref="Embed"/>, but a text whose vector is not finite has an empty one.</summary>
    internal EmbeddedTexts EmbedAny(IReadOnlyList<string> texts, Action<double>? progress, CancellationToken cancel)
    {
        var (first, distinct, distinctOf) = (new Dictionary<string, int>(texts.Count), new List<string>(), new int[texts.Count]);
        for (int t = 0; t < texts.Count; t++)
            if (!first.TryGetValue(texts[t], out distinctOf[t]))
            {
                first[texts[t]] = distinctOf[t] = distinct.Count;
                distinct.Add(texts[t]);
            }
        int cut = 0;
        var batches = new TextBatches(distinct.Count, d => Tokens(distinct[d], ref cut), _engine.SharesBeginnings);
        float[][] vectors = new float[distinct.Count][];
        int done = 0;
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            cancel.ThrowIfCancellationRequested();
            int workers = Math.Min(_engine.Workers, distinct.Count);
            if (workers > 0)
                _engine.Run(workers, batches.Take(_config.BatchTokens, workers, cancel), (batch, text, vector) => vectors[batch.Texts[text]] = Form.Of(vector), batch =>
                {
                    lock (first) progress?.Invoke((double)(done += batch.Texts.Length) / distinct.Count);
                });
        }
        for (int d = 0; d < vectors.Length; d++) vectors[d] = vectors[batches.Same[d]];
        int[] tokens = new int[texts.Count];
        for (int t = 0; t < texts.Count; t++) tokens[t] = batches.Lengths[distinctOf[t]];
        return new EmbeddedTexts([.. distinctOf.Select(d => vectors[d])], tokens, batches.Tokens, batches.Rows, texts.Count - distinct.Count, cut);
    }

    /// <summary>Tokens of a text and the suffix, the text cut at its end where both are too long.</summary>
    int[] Tokens(string text, ref int cut)
    {
        int[] ids = _tokenizer.Encode(text);
        if (ids.Length + Suffix.Length > _maxTokens) cut++;
        return [.. ids.AsSpan(0, Math.Min(ids.Length, _maxTokens - Suffix.Length)), .. Suffix];
    }

    /// <summary>Embeds texts on a thread of the pool, with the tokens of all texts as usage, and among the additional counts those that went through the model, as <c>tokens_computed</c>.</summary>
    /// <exception cref="ArgumentException">A text is empty, or another dimension than the model's is asked for.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        string[] texts = [.. values];
        if (options?.Dimensions is int asked && asked != Dimension) throw new ArgumentException($"{asked} dimensions; the model gives {Dimension}", nameof(options));
        return Task.Run(() =>
        {
            EmbeddedTexts embedded = Embed(texts, cancel: cancellationToken);
            DateTimeOffset now = DateTimeOffset.UtcNow;
            return new GeneratedEmbeddings<Embedding<float>>(embedded.Vectors.Select(v => new Embedding<float>(v) { ModelId = _model, CreatedAt = now }))
            {
                Usage = new UsageDetails
                {
                    InputTokenCount = embedded.Tokens.Sum(t => (long)t),
                    TotalTokenCount = embedded.Tokens.Sum(t => (long)t),
                    AdditionalCounts = new() { ["tokens_computed"] = embedded.TokensComputed },
                },
            };
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(EmbeddingGeneratorMetadata)) return new EmbeddingGeneratorMetadata("larr", providerUri: null, _model, Dimension);
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Waits for a running call and frees the model.</summary>
    public void Dispose()
    {
        lock (_turn)
        {
            if (!_disposed) _engine.Dispose();
            _disposed = true;
        }
    }
}
