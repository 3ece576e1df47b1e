using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Larr.Llama;

/// <summary>
/// One context of llama.cpp: batches of token sequences in, hidden states or logits out. Used by one thread at a time. It runs its own
/// threads (<see cref="DecodeThread"/>) while it decodes; do no tensor work of libtorch at the same time, or both are slow.
/// </summary>
public sealed unsafe class LlamaContext : IDisposable
{
    readonly LlamaContextHandle _handle;
    readonly LlamaModel _model;
    readonly LlamaContextConfig _config;
    readonly LlamaBatch _batch;
    readonly DecodeThread _thread;
    readonly int _width, _vocabulary;

    [ThreadStatic]
    static long t_stops;

    internal LlamaContext(LlamaModel model, LlamaContextConfig config, int threads)
    {
        int most = (int)LlamaNative.MaxSequences();
        if (config.Tokens < 1 || config.Sequences < 1 || config.Sequences > most)
            throw new ArgumentException($"{config.Tokens} tokens, {config.Sequences} sequences; expected at least one and at most {most} sequences", nameof(config));
        (_model, _config, _width, _vocabulary) = (model, config, model.Width, model.VocabularySize);
        LlamaContextParams parameters = LlamaNative.DefaultContextParams();
        (parameters.Context, parameters.Batch, parameters.MicroBatch) = ((uint)config.Tokens, (uint)config.Tokens, (uint)config.Tokens);
        // Each sequence has a token; llama.cpp aborts the process when it is told of more sequences than outputs.
        parameters.MaxSequences = (uint)Math.Min(config.Sequences, config.Tokens);
        (parameters.Threads, parameters.ThreadsBatch) = (threads, threads);
        parameters.UnifiedKeyValues = 1;
        parameters.Embeddings = config.Hidden ? (byte)1 : (byte)0;
        parameters.Pooling = 0;
        if (config.Exact) (parameters.KeyType, parameters.ValueType, parameters.FlashAttention) = (0, 0, 0);
        // llama-embed has no head; in the others its product can be as costly as all layers, for logits that nobody reads.
        if (config.Hidden && model.Architecture != "llama-embed") parameters.EvalCallback = (nint)(delegate* unmanaged<nint, byte, void*, byte>)&StopBeforeHead;
        LlamaLibrary.TakeComplaint();
        _handle = LlamaNative.NewContext(model.Handle, parameters);
        if (_handle.IsInvalid) throw new InvalidOperationException($"llama.cpp makes no context of {config.Tokens} tokens: {LlamaLibrary.TakeComplaint()}");
        _handle.Keep(model.Handle);
        _batch = new LlamaBatch(config.Tokens, config.Sequences);
        _thread = new DecodeThread();
    }

    /// <summary>How many batches of this context ended before the output head.</summary>
    internal long Stops { get; private set; }

    /// <summary>Hidden states after the last norm of each token of each sequence, [T,d] row by row; the sequences are independent of each other.</summary>
    public float[][] Hidden(IReadOnlyList<int[]> sequences)
    {
        if (!_config.Hidden) throw new InvalidOperationException("the context was made for logits");
        float[][] states = [.. sequences.Select(s => new float[s.Length * _width])];
        Run(sequences, (s, t, row) => row.CopyTo(states[s].AsSpan(t * _width)));
        return states;
    }

    /// <summary>Gives the hidden state [d] of each token (sequence, position, state) to <paramref name="use"/>.</summary>
    public void Run(IReadOnlyList<int[]> sequences, HiddenState use)
    {
        Begin(sequences.Count);
        for (int s = 0; s < sequences.Count; s++)
            for (int t = 0; t < sequences[s].Length; t++) Add(sequences[s][t], t, s, output: true);
        Decode();
        int at = 0;
        for (int s = 0; s < sequences.Count; s++)
            for (int t = 0; t < sequences[s].Length; t++) use(s, t, new ReadOnlySpan<float>(Output(LlamaNative.Embedding(_handle, at++)), _width));
    }

    /// <summary>Logits of the next token after each token of one sequence, [T,V] row by row.</summary>
    public float[] Logits(int[] sequence)
    {
        Begin(1);
        for (int t = 0; t < sequence.Length; t++) Add(sequence[t], t, 0, output: true);
        Decode();
        float[] logits = new float[sequence.Length * _vocabulary];
        for (int t = 0; t < sequence.Length; t++) Row(t).CopyTo(logits.AsSpan(t * _vocabulary));
        return logits;
    }

    /// <summary>The tokens that <paramref name="choose"/> takes after <paramref name="prompt"/>, one after another, until the caller stops or the context is full.</summary>
    public IEnumerable<int> Continue(IReadOnlyList<int> prompt, NextToken choose)
    {
        Begin(1);
        for (int t = 0; t < prompt.Count; t++) Add(prompt[t], t, 0, output: t == prompt.Count - 1);
        for (int position = prompt.Count; ; position++)
        {
            Decode();
            int next = choose(Row(_batch.Count - 1));
            yield return next;
            if (position == _config.Tokens) yield break;
            _batch.Clear();
            Add(next, position, 0, output: true);
        }
    }

    /// <summary>The likeliest tokens after <paramref name="prompt"/>, as <see cref="Continue"/> gives them.</summary>
    public IEnumerable<int> Greedy(IReadOnlyList<int> prompt) => Continue(prompt, static logits => TensorPrimitives.IndexOfMax(logits));

    void Begin(int sequences)
    {
        if (sequences > _config.Sequences) throw new ArgumentException($"{sequences} sequences; the context was made for {_config.Sequences}");
        nint memory = LlamaNative.Memory(_handle);
        if (memory != 0) LlamaNative.ClearMemory(memory, data: false);
        _batch.Clear();
    }

    void Add(int token, int position, int sequence, bool output)
    {
        if ((uint)token >= (uint)_vocabulary) throw new ArgumentException($"token {token}; the model has {_vocabulary}");
        _batch.Add(token, position, sequence, output);
    }

    void Decode()
    {
        if (_batch.Count == 0) throw new ArgumentException("no tokens");
        int result = _thread.Run(DecodeHere);
        if (result != 0) throw new InvalidOperationException($"llama.cpp cannot decode {_batch.Count} tokens (result {result}): {LlamaLibrary.TakeComplaint()}");
    }

    int DecodeHere()
    {
        t_stops = 0;
        int result = LlamaNative.Decode(_handle, _batch.Args);
        Stops += t_stops;
        return result;
    }

    ReadOnlySpan<float> Row(int index) => new(Output(LlamaNative.Logits(_handle, index)), _vocabulary);

    static float* Output(float* row) => row is not null ? row : throw new InvalidOperationException($"llama.cpp gives no output: {LlamaLibrary.TakeComplaint()}");

    /// <summary>
    /// Asked for each node of the graph: wants to see the hidden states, which bear this name when no pooling is asked for, and has had enough
    /// when they are there (zero stops the graph).
    /// </summary>
    [UnmanagedCallersOnly]
    static byte StopBeforeHead(nint tensor, byte ask, void* user)
    {
        if (ask != 0) return MemoryMarshal.CreateReadOnlySpanFromNullTerminated(LlamaNative.NameOf(tensor)).SequenceEqual("result_embd_pooled"u8) ? (byte)1 : (byte)0;
        t_stops++;
        return 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _thread.Dispose();
        _handle.Dispose();
        _batch.Dispose();
        GC.KeepAlive(_model);
    }
}

/// <summary>Takes the hidden state of one token.</summary>
/// <param name="sequence">Index of the sequence.</param>
/// <param name="position">Position of the token in it.</param>
/// <param name="state">The state [d]; valid during the call.</param>
public delegate void HiddenState(int sequence, int position, ReadOnlySpan<float> state);

/// <summary>Chooses the next token from logits [V].</summary>
public delegate int NextToken(ReadOnlySpan<float> logits);
