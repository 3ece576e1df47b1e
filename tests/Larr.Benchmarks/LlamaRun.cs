using Larr.Export;
using Larr.Gguf;
using Larr.Llama;
using Larr.Model;
using Larr.Tokens;

namespace Larr.Benchmarks;

/// <summary>
/// llama.cpp on the same model without output head: many sequences in one context, or a context made for every text as other .NET wrappers
/// do. Pooling takes the last token's state; settings are llama.cpp's own, float16 cache and fused attention where it thinks fit.
/// </summary>
sealed class LlamaRun : IEmbedEngine
{
    const int MostTexts = 256;

    readonly string _file = Path.Combine(Path.GetTempPath(), $"larr-bench-{Guid.NewGuid():N}.gguf");
    readonly Dictionary<int, (LlamaModel Model, LlamaContext? Context)> _byThreads = [];
    readonly int _batchTokens, _longest;

    /// <summary>Exports the model; <paramref name="batchTokens"/> 0: one text at a time, each in a context of its own.</summary>
    public LlamaRun(Decoder decoder, TextTokenizer tokenizer, GgmlType type, int batchTokens, int longest)
    {
        (_batchTokens, _longest) = (batchTokens, longest);
        Name = $"llama {type.ToString().ToLowerInvariant()}, {(batchTokens == 0 ? "one text at a time" : $"{batchTokens} tokens at a time")}";
        GgufExport.Write(decoder, tokenizer, _file, type, headless: true);
    }

    public string Name { get; }

    /// <summary>Whether every text has a context of its own.</summary>
    public bool OneAtATime => _batchTokens == 0;

    /// <summary>
    /// llama.cpp's rows for a model: all types in batches of two sizes, since a headless Llama computes attention over the whole batch and
    /// short texts want small ones, and one text at a time. None, with the reason, where the library is absent.
    /// </summary>
    public static (List<LlamaRun> Engines, string? Absent) All(DecoderConfig config, TextTokenizer tokenizer, int longest)
    {
        if (LlamaLibrary.WhyAbsent is { } why) return ([], why);
        using var decoder = new Decoder(config, seed: 1);
        List<LlamaRun> engines = [];
        foreach (GgmlType type in new[] { GgmlType.F32, GgmlType.BF16, GgmlType.Q8_0, GgmlType.Q4_0 })
            foreach (int tokens in new[] { 128, 512 }) engines.Add(new LlamaRun(decoder, tokenizer, type, tokens, longest));
        engines.Add(new LlamaRun(decoder, tokenizer, GgmlType.BF16, 0, longest));
        return (engines, null);
    }

    public long Run(int[][] texts, int threads)
    {
        if (!_byThreads.TryGetValue(threads, out (LlamaModel Model, LlamaContext? Context) own))
        {
            var model = new LlamaModel(_file, new LlamaConfig { Threads = threads });
            own = _byThreads[threads] = (model, _batchTokens == 0 ? null : NewContext(model, Math.Max(_batchTokens, _longest), MostTexts));
        }
        float sum = 0;
        if (own.Context is null)
            foreach (int[] text in texts)
            {
                using LlamaContext context = NewContext(own.Model, text.Length, 1);
                sum += Embed(context, [text]);
            }
        else
            foreach (IGrouping<int, int[]> same in texts.GroupBy(t => t.Length))
                foreach (int[][] batch in same.Chunk(Math.Clamp(_batchTokens / same.Key, 1, MostTexts))) sum += Embed(own.Context, batch);
        return float.IsFinite(sum) ? texts.Sum(t => (long)t.Length) : throw new InvalidOperationException("a vector is not finite");
    }

    static LlamaContext NewContext(LlamaModel model, int tokens, int texts) => model.NewContext(new LlamaContextConfig { Tokens = tokens, Sequences = texts, Hidden = true });

    static float Embed(LlamaContext context, int[][] texts)
    {
        float sum = 0;
        context.Run(texts, (text, position, state) =>
        {
            if (position == texts[text].Length - 1) sum += state[0];
        });
        return sum;
    }

    public void Dispose()
    {
        foreach ((LlamaModel model, LlamaContext? context) in _byThreads.Values)
        {
            context?.Dispose();
            model.Dispose();
        }
        File.Delete(_file);
    }
}
