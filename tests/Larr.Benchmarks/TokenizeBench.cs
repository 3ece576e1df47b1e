using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Larr.Tokens;
using Microsoft.ML.Tokenizers;

namespace Larr.Benchmarks;

/// <summary>
/// Megabytes of UTF-8 text per second of processor time that one thread turns into ids, per vocabulary and language: the first pass over the text, with an
/// empty cache of words, and passes after it. Beside it Microsoft.ML.Tokenizers on the same vocabulary and text, passes taking turns.
/// </summary>
static class TokenizeBench
{
    const int Passes = 5;

    public static Command Tokenize()
    {
        var folders = new Option<string[]>("--tokenizer") { Description = "Further folders with a tokenizer.json.", DefaultValueFactory = _ => [] };
        var command = new Command("tokenize", "Encoding of text, MB/s on one thread.") { folders };
        return Measured.Over(command, (parsed, measured) =>
        {
            foreach ((string name, string folder) in Vocabularies.Folders().Concat(parsed.GetValue(folders)!.Select(f => (Path.GetFileName(Path.TrimEndingDirectorySeparator(f)), f))))
                Measure(name, folder, measured);
        });
    }

    static void Measure(string name, string folder, Measured measured)
    {
        var clock = Stopwatch.StartNew();
        TextTokenizer tokenizer = TextTokenizer.Load(folder);
        measured.Add(name, "load_s", clock.Elapsed.TotalSeconds);
        Func<string, int>? other = Other(name, folder);
        WarmUp(TextTokenizer.Load(folder), other);
        foreach ((string language, string[] texts) in Texts.All())
        {
            double megabytes = texts.Sum(t => (double)Encoding.UTF8.GetByteCount(t)) / 1e6;
            measured.Add($"{name}, {language}, first pass", "mb_per_s", megabytes / Seconds(texts, t => tokenizer.Encode(t).Length));
            measured.Add($"{name}, {language}", "tokens", texts.Sum(t => (double)tokenizer.Encode(t).Length));
            if (other is not null) measured.Add($"{name}, {language}, Microsoft.ML.Tokenizers", "tokens", texts.Sum(t => (double)other(t)));
            List<double> ours = [], theirs = [];
            for (int pass = 0; pass < Passes; pass++)
            {
                ours.Add(megabytes / Seconds(texts, t => tokenizer.Encode(t).Length));
                if (other is not null) theirs.Add(megabytes / Seconds(texts, other));
            }
            measured.Add($"{name}, {language}", "mb_per_s", ours);
            measured.Headline($"{name}_{language}_mb_per_s", ours.Order().ElementAt(Passes / 2));
            if (theirs.Count > 0) measured.Add($"{name}, {language}, Microsoft.ML.Tokenizers", "mb_per_s", theirs);
        }
    }

    // Code is compiled, and compiled again where it is hot, before anything counts.
    static void WarmUp(TextTokenizer tokenizer, Func<string, int>? other)
    {
        var clock = Stopwatch.StartNew();
        for (int i = 0; clock.Elapsed.TotalSeconds < 1.5; i++)
        {
            string text = string.Concat(Enumerable.Range(i * 100, 100).Select(n => $"word{n:x} und 饭{n}, "));
            _ = tokenizer.Encode(text);
            if (i % 4 == 0) _ = other?.Invoke(text);
        }
    }

    static double Seconds(string[] texts, Func<string, int> encode)
    {
        double before = ThreadTime.Seconds();
        long tokens = 0;
        foreach (string text in texts) tokens += encode(text);
        if (tokens == 0) throw new InvalidOperationException("no text");
        return ThreadTime.Seconds() - before;
    }

    /// <summary>The other library by the same vocabulary: byte-level BPE with one pattern, or Llama 2's SentencePiece model.</summary>
    static Func<string, int>? Other(string name, string folder)
    {
        if (name == "llama-2")
        {
            using FileStream model = File.OpenRead(Path.Combine(Texts.Folder, "tokenizers", "llama2_tokenizer.model"));
            LlamaTokenizer llama = LlamaTokenizer.Create(model, addBeginOfSentence: false);
            return text => llama.EncodeToIds(text).Count;
        }
        TokenizerJson json = TokenizerJson.Read(Path.Combine(folder, "tokenizer.json"));
        if (json.Spaces is not null || json.Patterns.Count != 1) return null;
        var bpe = BpeTokenizer.Create(new BpeOptions(json.Vocabulary)
        {
            Merges = json.Merges.Select(m => $"{m.Left} {m.Right}"),
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(new Regex(json.Patterns[0], RegexOptions.Compiled | RegexOptions.CultureInvariant), null),
        });
        return text => bpe.EncodeToIds(text).Count;
    }
}
