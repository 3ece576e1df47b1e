using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Larr.Runs;
using Microsoft.ML.Tokenizers;

namespace Larr.Tokens;

/// <summary>
/// A byte-level BPE tokeniser: any text becomes ids and comes back exactly (lone surrogates, which are no text, aside).
/// Special tokens are single ids wherever they stand in a text; no token is added that is not in the text. Encoding and
/// decoding may run on several threads; <see cref="AddSpecial"/> may not run beside them.
/// </summary>
public sealed class TextTokenizer
{
    const string FileName = "tokenizer.json", ConfigName = "tokenizer_config.json";
    static readonly string[] endTokens = ["<|endoftext|>", "<|end_of_text|>", "</s>", "<|im_end|>"];

    readonly string? configText;
    readonly RegexSplit split;
    readonly BpeTokenizer bpe;
    readonly Dictionary<string, int> added = [];
    readonly Dictionary<int, byte[]> bytes = [];
    TokenizerJson json;
    Regex? special;

    TextTokenizer(TokenizerJson json, string? configText)
    {
        (this.json, this.configText) = (json, configText);
        split = new(json.Patterns);
        bpe = BpeTokenizer.Create(new BpeOptions(json.Vocabulary) { Merges = json.Merges, ByteLevel = true, PreTokenizer = split });
        foreach ((string token, int id) in json.Vocabulary) bytes[id] = ByteSymbols.ToBytes(token);
        Know(json.AddedTokens);
    }

    void Know(IEnumerable<AddedToken> tokens)
    {
        foreach (AddedToken token in tokens)
        {
            added[token.Content] = token.Id;
            bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        }
        VocabularySize = bytes.Keys.Max() + 1;
        special = added.Count == 0 ? null : SpecialTokenPattern.Of(added.Keys);
    }

    /// <summary>The file that the tokenizer is of, with the tokens that were added.</summary>
    public TokenizerJson Json => json;

    /// <summary>The largest id plus one: the rows a model's embedding table needs.</summary>
    public int VocabularySize { get; private set; }

    /// <summary>The id that ends a document: of "&lt;|endoftext|&gt;", else of another known end token; none is an <see cref="InputException"/>.</summary>
    public int EndId => endTokens.Where(Has).Select(Id).DefaultIfEmpty(-1).First() is var id and >= 0
        ? id : throw new InputException(FileName, "added_tokens", "no end token", "one of " + string.Join(", ", endTokens));

    /// <summary>SHA-256 (lower-case hex) of the bytes that <see cref="Save"/> writes to tokenizer.json.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(json.ToBytes()));

    /// <summary>Reads folder/tokenizer.json, and tokenizer_config.json to hand it on unchanged if it is there.</summary>
    public static TextTokenizer Load(string folder)
    {
        string config = Path.Combine(folder, ConfigName);
        return new(TokenizerJson.Read(Path.Combine(folder, FileName)), File.Exists(config) ? File.ReadAllText(config) : null);
    }

    /// <summary>
    /// Trains byte-level BPE with GPT-2's pre-tokenisation. Ids: the 256 bytes, the merges, the special tokens. The
    /// vocabulary is smaller than asked for when no further pair of symbols occurs twice.
    /// </summary>
    /// <param name="texts">Documents, read once.</param>
    /// <param name="vocabularySize">All tokens together, special ones included; at least 256 plus those.</param>
    /// <param name="specialTokens">Texts that become one id each and are kept out of the training.</param>
    public static TextTokenizer Train(IEnumerable<string> texts, int vocabularySize, IReadOnlyList<string> specialTokens)
    {
        Dictionary<string, long> words = WordCounts.Of(texts, new RegexSplit(RegexSplit.Gpt2), specialTokens);
        var tokenizer = new TextTokenizer(TokenizerJson.Of(new BpeTrainer(words, vocabularySize - specialTokens.Count)), null);
        tokenizer.AddSpecial(specialTokens);
        return tokenizer;
    }

    /// <summary>Writes tokenizer.json and tokenizer_config.json as Hugging Face's libraries load them.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, FileName), json.ToBytes());
        string end = endTokens.FirstOrDefault(Has) is { } token ? $"  \"eos_token\": \"{token}\",\n" : "";
        File.WriteAllText(Path.Combine(folder, ConfigName), configText
            ?? $"{{\n{end}  \"tokenizer_class\": \"PreTrainedTokenizerFast\",\n  \"clean_up_tokenization_spaces\": false\n}}\n");
    }

    /// <summary>Whether the token (special, or in the vocabulary's own spelling) is known.</summary>
    public bool Has(string token) => added.ContainsKey(token) || json.Vocabulary.ContainsKey(token);

    /// <summary>The id of a token that <see cref="Has"/> knows; another one is an <see cref="ArgumentException"/>.</summary>
    public int Id(string token) => added.TryGetValue(token, out int id) || json.Vocabulary.TryGetValue(token, out id)
        ? id : throw new ArgumentException($"no token {token}", nameof(token));

    /// <summary>
    /// Makes the tokens special. New ones get ids after the largest, in the order given; these ids are the result. One
    /// that was in the vocabulary keeps its id.
    /// </summary>
    public IReadOnlyList<int> AddSpecial(IEnumerable<string> tokens)
    {
        List<AddedToken> all = [];
        int next = VocabularySize;
        foreach (string token in tokens.Distinct().Where(t => !added.ContainsKey(t)))
        {
            ArgumentException.ThrowIfNullOrEmpty(token, nameof(tokens));
            all.Add(new(json.Vocabulary.TryGetValue(token, out int known) ? known : next++, token, Special: true));
        }
        if (all.Count == 0) return [];
        int size = VocabularySize;
        json = json.With(all);
        Know(all);
        return [.. all.Select(t => t.Id).Where(id => id >= size)];
    }

    /// <summary>The ids of a text.</summary>
    public int[] Encode(string text)
    {
        List<int> ids = new(text.Length / 3 + 1);
        int start = 0;
        if (special is not null)
            foreach (ValueMatch match in special.EnumerateMatches(text))
            {
                EncodePlain(text[start..match.Index], ids);
                start = match.Index + match.Length;
                ids.Add(added[text[match.Index..start]]);
            }
        EncodePlain(start == 0 ? text : text[start..], ids);
        return [.. ids];
    }

    void EncodePlain(string text, List<int> ids)
    {
        if (text.Length == 0) return;
        if (json.Composed) text = ComposedForm.Of(text);
        if (!json.WholeWordsFirst)
        {
            ids.AddRange(bpe.EncodeToIds(text));
            return;
        }
        foreach ((int offset, int length) in split.PreTokenize(text))
        {
            ReadOnlySpan<char> word = text.AsSpan(offset, length);
            if (json.Vocabulary.TryGetValue(ByteSymbols.FromText(word), out int id)) ids.Add(id);
            else ids.AddRange(bpe.EncodeToIds(word, considerPreTokenization: false));
        }
    }

    /// <summary>The text of ids, special tokens included; bytes that are no UTF-8 become U+FFFD. An unknown id is an <see cref="ArgumentException"/>.</summary>
    public string Decode(IEnumerable<int> ids)
    {
        var buffer = new ArrayBufferWriter<byte>();
        foreach (int id in ids)
            buffer.Write(bytes.TryGetValue(id, out byte[]? part) ? part : throw new ArgumentException($"no token has id {id}", nameof(ids)));
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
