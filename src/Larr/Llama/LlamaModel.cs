using System.Text;
using Larr.Runs;

namespace Larr.Llama;

/// <summary>A GGUF model in llama.cpp. Its own members may be used from several threads; each context from one at a time.</summary>
public sealed unsafe class LlamaModel : IDisposable
{
    readonly LlamaConfig _config;
    readonly nint _vocabulary;

    /// <summary>Loads a model.</summary>
    /// <exception cref="InputException">The library or the file is missing, or llama.cpp cannot load the file.</exception>
    public LlamaModel(string file, LlamaConfig? config = null)
    {
        LlamaLibrary.Load();
        if (!File.Exists(file)) throw new InputException(file, "file not found");
        _config = config ?? new LlamaConfig();
        LlamaModelParams parameters = LlamaNative.DefaultModelParams();
        parameters.GpuLayers = _config.GpuLayers < 0 ? int.MaxValue : _config.GpuLayers;
        LlamaLibrary.TakeComplaint();
        Handle = LlamaNative.LoadModel(file, parameters);
        if (Handle.IsInvalid) throw new InputException(file, $"llama.cpp cannot load it: {LlamaLibrary.TakeComplaint()}");
        _vocabulary = LlamaNative.Vocabulary(Handle);
        Architecture = Metadata("general.architecture") ?? "";
    }

    internal LlamaModelHandle Handle { get; }

    /// <summary>The file's architecture, such as <c>llama</c> or <c>llama-embed</c>.</summary>
    public string Architecture { get; }

    /// <summary>Width of the hidden states.</summary>
    public int Width => LlamaNative.Width(Handle);

    /// <summary>Longest sequence in tokens that the model was made for.</summary>
    public int MaxLength => LlamaNative.TrainedContext(Handle);

    /// <summary>Number of tokens.</summary>
    public int VocabularySize => LlamaNative.VocabularySize(_vocabulary);

    /// <summary>The token that begins a text, or −1.</summary>
    public int BeginToken => LlamaNative.BeginToken(_vocabulary);

    /// <summary>Whether a token ends a generated text.</summary>
    public bool IsEnd(int token) => LlamaNative.IsEnd(_vocabulary, token);

    /// <summary>A metadata value of the file as text, or null.</summary>
    public string? Metadata(string key)
    {
        byte* buffer = stackalloc byte[512];
        int length = LlamaNative.MetadataText(Handle, key, buffer, 512);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, Math.Min(length, 511));
    }

    /// <summary>The tokens of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="begin">Whether the tokens that the model wants around a text are added.</param>
    /// <param name="special">Whether the spellings of special tokens mean these tokens.</param>
    public int[] Tokenize(string text, bool begin, bool special)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int[] tokens = new int[bytes.Length + 8];
        fixed (byte* source = bytes)
        fixed (int* target = tokens)
        {
            byte none = 0;
            int count = LlamaNative.Tokenize(_vocabulary, bytes.Length == 0 ? &none : source, bytes.Length, target, tokens.Length, begin, special);
            return count >= 0 ? tokens[..count] : throw new InvalidOperationException($"llama.cpp wants {-count} tokens for {bytes.Length} bytes");
        }
    }

    /// <summary>Whether texts begin with a space that is not theirs (SentencePiece), so that a text that begins with the first token is without it.</summary>
    public bool AddsSpace => Metadata("tokenizer.ggml.model") == "llama" && Metadata("tokenizer.ggml.add_space_prefix") != "false";

    /// <summary>The bytes that a token stands for; none for a control token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="strip">Whether a space at its beginning is left out.</param>
    public byte[] Bytes(int token, bool strip = false)
    {
        if ((uint)token >= (uint)VocabularySize) throw new ArgumentOutOfRangeException(nameof(token), token, $"expected a token below {VocabularySize}");
        byte[] buffer = new byte[64];
        int length = Piece(buffer);
        if (length < 0)
        {
            buffer = new byte[-length];
            length = Piece(buffer);
        }
        return buffer[..length];

        int Piece(byte[] target)
        {
            fixed (byte* pointer = target) return LlamaNative.Piece(_vocabulary, token, pointer, target.Length, strip ? 1 : 0, special: false);
        }
    }

    /// <summary>A context to compute in.</summary>
    /// <exception cref="InvalidOperationException">llama.cpp refuses it, for example for lack of memory.</exception>
    public LlamaContext NewContext(LlamaContextConfig config) => new(this, config, _config.ThreadCount);

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
