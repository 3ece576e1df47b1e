using System.Security.Cryptography;
using System.Text;
using Larr.Runs;

namespace Larr.Tokens;

/// <summary>
/// A BPE tokeniser of either kind of <see cref="TokenizerJson"/>: any text becomes ids and comes back exactly. Aside are lone surrogates,
/// which are no text; the mark "▁" of the SentencePiece-like kind, which comes back as the space it stands for, and a first space where such a tokenizer takes it for its own; text that a normaliser
/// composes; and white space that an added token takes. Added tokens are single ids wherever they stand in a text; no token is added that
/// is not in the text. Encoding and decoding may run on several threads; <see cref="AddSpecial"/> may not run beside them.
/// </summary>
public sealed class TextTokenizer
{
    /// <summary>The file's name in a model folder.</summary>
    public const string FileName = "tokenizer.json";

    static readonly string[] endTokens = ["<|endoftext|>", "<|end_of_text|>", "</s>", "<|im_end|>"];

    readonly TokenizerConfig config;
    readonly Subwords subwords;
    readonly Dictionary<string, int> added = [];
    readonly SpacePrefix prefix;
    byte[]?[] bytes = [];
    bool[] isAdded = [];
    TokenizerJson json;
    AddedTokenPattern? pattern;

    TextTokenizer(TokenizerJson json, TokenizerConfig config)
    {
        (this.json, this.config) = (json, config);
        subwords = Subwords.Of(json);
        prefix = json.Spaces?.Prefix ?? SpacePrefix.Never;
        Grow(json.Vocabulary.Values.Max() + 1);
        foreach ((string token, int id) in json.Vocabulary) bytes[id] = subwords.Bytes(token);
        Know(json.AddedTokens);
    }

    /// <summary>The file that the tokenizer is of, with the tokens that were added.</summary>
    public TokenizerJson Json => json;

    /// <summary>The largest id plus one: the rows a model's embedding table needs.</summary>
    public int VocabularySize => bytes.Length;

    /// <summary>
    /// The id that ends a document: of "&lt;|endoftext|&gt;", else of another well-known end token, else of tokenizer_config.json's eos_token;
    /// none is an <see cref="InputException"/>.
    /// </summary>
    public int EndId => EndToken is { } token ? Id(token) : throw new InputException(FileName, "added_tokens", "no end token", "one of " + string.Join(", ", endTokens));

    /// <summary>The id that begins a document, where the tokenizer's own template puts one before the text.</summary>
    public int? BeginId => json.Begin is { } token && Has(token) ? Id(token) : null;

    /// <summary>SHA-256 (lower-case hex) of the bytes that <see cref="Save"/> writes to tokenizer.json.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(json.ToBytes()));

    string? EndToken => endTokens.Append(config.EndToken).FirstOrDefault(t => t is not null && Has(t));

    /// <summary>Reads folder/tokenizer.json, and tokenizer_config.json to hand it on unchanged if it is there.</summary>
    public static TextTokenizer Load(string folder) =>
        new(TokenizerJson.Read(Path.Combine(folder, FileName)), TokenizerConfig.Read(folder));

    /// <summary>The tokeniser of a file made here.</summary>
    public static TextTokenizer Of(TokenizerJson json) => new(json, TokenizerConfig.None);

    /// <summary>
    /// Trains byte-level BPE with GPT-2's pre-tokenisation. Ids: the 256 bytes, the merges, the special tokens. The
    /// vocabulary is smaller than asked for when no further pair of symbols occurs twice.
    /// </summary>
    /// <param name="texts">Documents, read once.</param>
    /// <param name="vocabularySize">All tokens together, special ones included; at least 256 plus those.</param>
    /// <param name="specialTokens">Texts that become one id each and are kept out of the training.</param>
    public static TextTokenizer Train(IEnumerable<string> texts, int vocabularySize, IReadOnlyList<string> specialTokens)
    {
        Dictionary<string, long> words = WordCounts.Of(texts, new WordSplit(WordSplit.Gpt2), specialTokens);
        TextTokenizer tokenizer = Of(TokenizerJson.Of(new BpeTrainer(words, vocabularySize - specialTokens.Count)));
        tokenizer.AddSpecial(specialTokens);
        return tokenizer;
    }

    /// <summary>Writes tokenizer.json and tokenizer_config.json as Hugging Face's libraries load them.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, FileName), json.ToBytes());
        config.Write(folder, EndToken);
    }

    /// <summary>Whether the token (added, or in the vocabulary's own spelling) is known.</summary>
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
        int size = VocabularySize, next = size;
        foreach (string token in tokens.Distinct().Where(t => !added.ContainsKey(t)))
        {
            ArgumentException.ThrowIfNullOrEmpty(token, nameof(tokens));
            all.Add(new(json.Vocabulary.TryGetValue(token, out int known) ? known : next++, token, Special: true));
        }
        if (all.Count == 0) return [];
        json = json.With(all);
        Know(all);
        return [.. all.Select(t => t.Id).Where(id => id >= size)];
    }

    /// <summary>The ids of a text.</summary>
    public int[] Encode(string text)
    {
        List<int> ids = new(text.Length / 3 + 1);
        int start = 0;
        if (pattern is not null)
            foreach ((int offset, int length, int id) in pattern.Matches(text))
            {
                subwords.Encode(text.AsSpan(start, offset - start), first: start == 0, ids);
                ids.Add(id);
                start = offset + length;
            }
        subwords.Encode(text.AsSpan(start), first: start == 0, ids);
        return [.. ids];
    }

    /// <summary>The text of ids, special tokens included; bytes that are no UTF-8 become U+FFFD. An unknown id is an <see cref="ArgumentException"/>.</summary>
    public string Decode(IEnumerable<int> ids)
    {
        var stream = new StreamingDecoder(this);
        var text = new StringBuilder();
        foreach (int id in ids) text.Append(stream.Next(id));
        return text.Append(stream.End()).ToString();
    }

    /// <summary>The bytes of a token at a place in a text: without the space mark that <see cref="Encode"/> put before the text.</summary>
    /// <param name="id">The token; an unknown one is an <see cref="ArgumentException"/>.</param>
    /// <param name="start">Whether the text, or a part after an added token, begins here.</param>
    internal ReadOnlySpan<byte> Bytes(int id, ref bool start)
    {
        if ((uint)id >= (uint)bytes.Length || bytes[id] is not { } part) throw new ArgumentException($"no token has id {id}", nameof(id));
        bool skip = start && prefix != SpacePrefix.Never && !isAdded[id] && part is [(byte)' ', ..];
        start = isAdded[id] && prefix == SpacePrefix.Always;
        return skip ? part.AsSpan(1) : part;
    }

    /// <summary>Bytes of a token within a text, its space included; 0 for an id without a token.</summary>
    internal int Size(int id) => (uint)id < (uint)bytes.Length && bytes[id] is { } part ? part.Length : 0;

    void Know(IReadOnlyList<AddedToken> tokens)
    {
        if (tokens.Count > 0) Grow(Math.Max(bytes.Length, tokens.Max(t => t.Id) + 1));
        foreach (AddedToken token in tokens)
        {
            added[token.Content] = token.Id;
            bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
            isAdded[token.Id] = true;
        }
        pattern = json.AddedTokens.Count == 0 ? null : new(json.AddedTokens);
    }

    void Grow(int size)
    {
        Array.Resize(ref bytes, size);
        Array.Resize(ref isAdded, size);
    }
}
