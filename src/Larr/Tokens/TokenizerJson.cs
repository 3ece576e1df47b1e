using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Larr.Tokens;

/// <summary>A token that is recognised as a whole wherever it stands in a text.</summary>
/// <param name="Id">Its id, inside the vocabulary or after it.</param>
/// <param name="Content">Its text.</param>
/// <param name="Special">Whether other tools leave it out when they decode for display.</param>
public sealed record AddedToken(int Id, string Content, bool Special)
{
    /// <summary>Whether white space before it belongs to it.</summary>
    public bool TakesSpaceBefore { get; init; }

    /// <summary>Whether white space after it belongs to it.</summary>
    public bool TakesSpaceAfter { get; init; }

    /// <summary>Whether it is left alone inside a longer word.</summary>
    public bool WholeWord { get; init; }
}

/// <summary>
/// Hugging Face's tokenizer.json of two kinds: byte-level BPE (GPT-2, Llama 3, Qwen 2 and 3, SmolLM and others) and SentencePiece-like
/// BPE with byte fallback (Llama 2, Mistral). Vocabulary, merges, added tokens and the rules that cut a text are read; whatever else the
/// file holds is kept and written back unchanged.
/// </summary>
public sealed partial class TokenizerJson
{
    static readonly JsonSerializerOptions format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly JsonObject root;

    /// <summary>Tokens in the file's spelling (<see cref="ByteSymbols"/>, or "▁" for a space) and their ids.</summary>
    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>Merges by rank.</summary>
    public IReadOnlyList<(string Left, string Right)> Merges { get; }

    /// <summary>The added tokens in the order of their ids.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; }

    /// <summary>Regular expressions that cut a text into words, applied in turn; see <see cref="WordSplit"/>. None of the SentencePiece-like kind.</summary>
    public IReadOnlyList<string> Patterns { get; }

    /// <summary>How spaces are written in a SentencePiece-like tokeniser; null of the byte-level kind.</summary>
    public SpaceMarks? Spaces { get; }

    /// <summary>The token that begins a document, where the file says that one does (its post-processor).</summary>
    public string? Begin { get; }

    /// <summary>Whether texts are brought to Unicode's composed form (NFC) first.</summary>
    public bool Composed { get; }

    /// <summary>Whether a word that is itself a token is taken whole, without its merges (Llama 3's ignore_merges).</summary>
    public bool WholeWordsFirst { get; }

    // A large vocabulary takes seconds to read; adding tokens does not read it again.
    TokenizerJson(TokenizerJson other, JsonObject root, IEnumerable<AddedToken> more)
    {
        this.root = root;
        (Vocabulary, Merges, Patterns, Spaces) = (other.Vocabulary, other.Merges, other.Patterns, other.Spaces);
        (Composed, WholeWordsFirst, Begin) = (other.Composed, other.WholeWordsFirst, other.Begin);
        AddedTokens = [.. other.AddedTokens.Concat(more).OrderBy(t => t.Id)];
    }

    /// <summary>The same file with further special tokens.</summary>
    public TokenizerJson With(IEnumerable<AddedToken> tokens)
    {
        var copy = (JsonObject)root.DeepClone();
        if (copy["added_tokens"] is not JsonArray array) copy["added_tokens"] = array = [];
        AddedToken[] more = [.. tokens];
        foreach (AddedToken token in more) array.Add(Entry(token));
        return new(this, copy, more);
    }

    static JsonObject Entry(AddedToken token) => new()
    {
        ["id"] = token.Id,
        ["content"] = token.Content,
        ["single_word"] = token.WholeWord,
        ["lstrip"] = token.TakesSpaceBefore,
        ["rstrip"] = token.TakesSpaceAfter,
        ["normalized"] = false,
        ["special"] = token.Special,
    };

    /// <summary>The file's bytes, always the same for the same content.</summary>
    public byte[] ToBytes() => System.Text.Encoding.UTF8.GetBytes(root.ToJsonString(format) + "\n");
}
