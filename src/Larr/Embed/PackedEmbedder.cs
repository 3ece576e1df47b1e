using System.Runtime.InteropServices;
using Larr.Corpus;
using Larr.Model;
using Larr.Runs;
using Larr.Tokens;
using Microsoft.Extensions.AI;
using TorchSharp;
using static TorchSharp.torch;

namespace Larr.Embed;

/// <summary>Vectors of texts and what they cost.</summary>
/// <param name="Vectors">A unit vector for each text, in the order of the texts; equal texts share one array.</param>
/// <param name="Tokens">Tokens of each text, the embedding token included, after cutting.</param>
/// <param name="TokensComputed">Tokens that went through the model: those of the distinct texts.</param>
/// <param name="Duplicates">Texts that had occurred before.</param>
/// <param name="Cut">Distinct texts that were too long.</param>
public sealed record EmbeddedTexts(float[][] Vectors, int[] Tokens, long TokensComputed, int Duplicates, int Cut);

/// <summary>
/// Embeds many short texts at once: exact duplicates once, texts of equal length together without padding, no output
/// head. A vector depends on its text alone up to float32 rounding (cosine above 1 − 1e-6). Calls from several threads
/// take turns; a cancelled call stops between batches.
/// </summary>
public sealed class PackedEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    readonly TextEncoder _encoder;
    readonly TextTokenizer _tokenizer;
    readonly EmbedConfig _config;
    readonly Device _device;
    readonly string _model;
    readonly int _maxTokens;
    readonly Lock _turn = new();

    /// <summary>An embedder over an encoder, which it owns from now on.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="tokenizer">Its tokenizer; with last-token pooling it must know the embedding token.</param>
    /// <param name="model">Hash of the encoder, for the identity of its vectors.</param>
    /// <param name="config">Batches and precision.</param>
    /// <param name="device">Where to compute; null: the processor.</param>
    public PackedEmbedder(TextEncoder encoder, TextTokenizer tokenizer, string model, EmbedConfig config, Device? device = null)
    {
        (_encoder, _tokenizer, _model, _config, _device) = (encoder, tokenizer, model, config, device ?? CPU);
        if (encoder.Pooling == Pooling.LastToken && !tokenizer.Has(EmbedToken.Text))
            throw new InputException("tokenizer.json", "added_tokens", $"no {EmbedToken.Text}", "the embedding token, which last-token pooling reads");
        Suffix = encoder.Pooling == Pooling.LastToken ? [tokenizer.Id(EmbedToken.Text)] : [];
        _maxTokens = Math.Min(config.MaxTokens, encoder.LanguageModel.Config.MaxLength);
        if (_maxTokens <= Suffix.Length || config.BatchTokens < 1) throw new ArgumentException($"MaxTokens {config.MaxTokens}, BatchTokens {config.BatchTokens}: too few", nameof(config));
        encoder.to(_device);
        encoder.eval();
        encoder.LanguageModel.Compute = config.Precision.Type();
    }

    /// <summary>Loads an encoder's folder; a plain Hugging Face folder is read as mean pooling without projection.</summary>
    /// <exception cref="InputException">A file is missing or malformed.</exception>
    public static PackedEmbedder Load(string folder, EmbedConfig config, Device? device = null)
    {
        string model = TextEncoder.Identity(folder);
        (TextEncoder encoder, TextTokenizer tokenizer) = TextEncoder.Load(folder);
        return new PackedEmbedder(encoder, tokenizer, model, config, device);
    }

    /// <summary>Components of a vector.</summary>
    public int Dimension => _encoder.Dimension;

    /// <summary>Ids that follow every text: the embedding token, or none.</summary>
    internal int[] Suffix { get; }

    /// <summary>The identity of this embedder's vectors of texts by the given templates.</summary>
    /// <param name="templateHash">See <see cref="SceneTexts.TemplateHash"/>.</param>
    public VectorIdentity Identity(string templateHash) =>
        new(_model, _tokenizer.Hash, templateHash, _encoder.Pooling == Pooling.LastToken ? "lastToken" : "mean", Dimension);

    /// <summary>Embeds texts on the calling thread.</summary>
    /// <param name="texts">Any number of texts.</param>
    /// <param name="progress">Receives the finished share of the tokens.</param>
    /// <param name="cancel">Stops between batches.</param>
    /// <exception cref="ArgumentException">A text is empty; the message names its index.</exception>
    /// <exception cref="InvalidDataException">The model gave a vector that is not finite; the message names the text.</exception>
    public EmbeddedTexts Embed(IReadOnlyList<string> texts, Action<double>? progress = null, CancellationToken cancel = default)
    {
        var packed = new PackedTexts(texts, _tokenizer, Suffix, _maxTokens);
        float[][] vectors = new float[packed.Distinct][];
        long done = 0;
        lock (_turn)
        {
            foreach (int[] batch in packed.Batches(_config.BatchTokens))
            {
                cancel.ThrowIfCancellationRequested();
                Forward(packed, batch, vectors);
                done += (long)batch.Length * packed.Length(batch[0]);
                progress?.Invoke((double)done / packed.TotalTokens);
            }
        }
        for (int t = 0; t < texts.Count; t++)
            if (!Array.TrueForAll(vectors[packed.DistinctOf[t]], float.IsFinite))
                throw new InvalidDataException($"text {t}, \"{texts[t]}\": the model gave a vector that is not finite");
        return new EmbeddedTexts(
            [.. packed.DistinctOf.Select(d => vectors[d])], [.. packed.DistinctOf.Select(packed.Length)], packed.TotalTokens, texts.Count - packed.Distinct, packed.Cut);
    }

    /// <summary>Embeds texts on a thread of the pool, with the tokens computed as usage.</summary>
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
                Usage = new UsageDetails { InputTokenCount = embedded.TokensComputed, TotalTokenCount = embedded.TokensComputed },
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
        lock (_turn) _encoder.Dispose();
    }

    /// <summary>One batch of texts of one length: ids [B,T] → vectors [B,D].</summary>
    void Forward(PackedTexts packed, int[] batch, float[][] vectors)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        long length = packed.Length(batch[0]);
        Tensor ids = tensor(packed.Ids(batch), [batch.Length, length], device: _device); // [B,T]
        Tensor lengths = full([batch.Length], length, ScalarType.Int64, _device); // [B]
        Tensor result = _encoder.forward(ids, lengths).cpu().contiguous(); // [B,D]
        ReadOnlySpan<float> components = MemoryMarshal.Cast<byte, float>(result.bytes);
        for (int b = 0; b < batch.Length; b++)
            vectors[batch[b]] = components.Slice(b * Dimension, Dimension).ToArray();
    }
}
