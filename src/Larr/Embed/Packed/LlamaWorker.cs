using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Larr.Export;
using Larr.Gguf;
using Larr.Llama;
using Larr.Model;
using Larr.Runs;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Embed.Packed;

/// <summary>
/// The encoder through llama.cpp: its language model is exported as a headless GGUF file, one context computes many texts at once, and pooling
/// and the encoder's own projection follow. llama.cpp's threads and those of libtorch hinder each other, so the projection waits until a
/// batch is decoded.
/// </summary>
sealed class LlamaWorker : IWorker
{
    const int MostTexts = 256; // llama.cpp's own limit of sequences

    readonly TextEncoder _encoder;
    readonly LlamaModel _model;
    readonly LlamaContext _context;
    readonly string _file;
    readonly int _tokens;

    /// <summary>Takes an encoder, which belongs to the worker from now on; only its projection is kept in memory.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="tokenizer">Its tokenizer, which the file must have.</param>
    /// <param name="type">float32, or bfloat16 for weights of that type.</param>
    /// <param name="batchTokens">Most tokens of a batch of more than one text.</param>
    /// <param name="longest">Most tokens of a text.</param>
    /// <exception cref="InputException">llama.cpp's library is absent, or it cannot have the model.</exception>
    public LlamaWorker(TextEncoder encoder, TextTokenizer tokenizer, ScalarType type, int batchTokens, int longest)
    {
        if (encoder.Attention != TextAttention.Causal) throw new InputException("embed", "engine", "llama", "packed: llama.cpp is asked for causal attention, and this encoder is bidirectional");
        LlamaLibrary.Load();
        (_encoder, _tokens) = (encoder, Math.Max(batchTokens, longest));
        _file = Path.Combine(Path.GetTempPath(), $"larr-{Guid.NewGuid():N}.gguf");
        try
        {
            GgufExport.Write(encoder.LanguageModel, tokenizer, _file, type == ScalarType.BFloat16 ? GgmlType.BF16 : GgmlType.F32, headless: true);
            encoder.LanguageModel.Dispose();
            _model = new LlamaModel(_file, new LlamaConfig { Threads = get_num_threads() });
            _context = _model.NewContext(new LlamaContextConfig { Tokens = _tokens, Sequences = MostTexts, Hidden = true, Exact = type == ScalarType.Float32 });
        }
        catch
        {
            _model?.Dispose();
            File.Delete(_file);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Run(TokenForest batch, VectorSink take)
    {
        List<int> chunk = [];
        int tokens = 0;
        for (int t = 0; t < batch.Texts; t++)
        {
            int length = batch.Path(t).Length;
            if (chunk.Count == MostTexts || tokens + length > _tokens)
            {
                Run(batch, chunk, take);
                chunk.Clear();
                tokens = 0;
            }
            chunk.Add(t);
            tokens += length;
        }
        Run(batch, chunk, take);
    }

    void Run(TokenForest batch, List<int> texts, VectorSink take)
    {
        int[][] ids = [.. texts.Select(t => Array.ConvertAll(batch.Path(t), row => batch.Ids[row]))];
        int width = _model.Width;
        float[] pooled = new float[texts.Count * width]; // [B,d]
        _context.Run(ids, (text, position, state) =>
        {
            Span<float> sum = pooled.AsSpan(text * width, width);
            if (_encoder.Pooling == Pooling.Mean) TensorPrimitives.MultiplyAdd(state, 1f / ids[text].Length, sum, sum);
            else if (position == ids[text].Length - 1) state.CopyTo(sum);
        });
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var vectors = _encoder.Project(tensor(pooled, [texts.Count, width])).contiguous(); // [B,D]
        ReadOnlySpan<float> components = MemoryMarshal.Cast<byte, float>(vectors.bytes);
        for (int b = 0; b < texts.Count; b++) take(texts[b], components.Slice(b * _encoder.Dimension, _encoder.Dimension));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Dispose();
        _model.Dispose();
        _encoder.Dispose();
        File.Delete(_file);
    }
}
