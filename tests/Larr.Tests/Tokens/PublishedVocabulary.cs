using System.Text;
using Larr.Tokens;

namespace Larr.Tests.Tokens;

/// <summary>Vocabularies that others trained: llama.cpp's vocab-only files, and tokenizer.json files where the data folder has them.</summary>
static class PublishedVocabulary
{
    /// <summary>The tokenizer of one of llama.cpp's test vocabularies.</summary>
    public static TextTokenizer Load(string name) => name switch
    {
        "gpt-2" => Gpt2(Values(TestData.File("tokenizers", "ggml-vocab-gpt-2.gguf"))),
        "llama-spm" => Llama(Values(TestData.File("tokenizers", "ggml-vocab-llama-spm.gguf"))),
        _ => TextTokenizer.Load(Path.GetDirectoryName(TestData.File("tokenizers", name, "tokenizer.json"))!),
    };

    static TextTokenizer Gpt2(Dictionary<string, object> values)
    {
        string[] tokens = (string[])values["tokenizer.ggml.tokens"];
        (string, string)[] merges = [.. ((string[])values["tokenizer.ggml.merges"]).Select(m => m.Split(' ')).Select(m => (m[0], m[1]))];
        return TextTokenizer.Of(TokenizerJson.OfByteLevel(tokens, merges, [WordSplit.Gpt2], Special(tokens, values), composed: false));
    }

    static TextTokenizer Llama(Dictionary<string, object> values)
    {
        string[] tokens = (string[])values["tokenizer.ggml.tokens"];
        var pieces = tokens.Zip((float[])values["tokenizer.ggml.scores"]).ToArray();
        return TextTokenizer.Of(TokenizerJson.OfSentencePieces(pieces, Special(tokens, values), "<s>", "<unk>"));
    }

    // Kinds 2 and 3 are the unknown token and control tokens.
    static AddedToken[] Special(string[] tokens, Dictionary<string, object> values) =>
        [.. ((int[])values["tokenizer.ggml.token_type"]).Index().Where(k => k.Item is 2 or 3).Select(k => new AddedToken(k.Index, tokens[k.Index], Special: true))];

    /// <summary>The metadata of a GGUF file: numbers are skipped, texts and lists kept.</summary>
    static Dictionary<string, object> Values(string file)
    {
        using var reader = new BinaryReader(File.OpenRead(file));
        reader.BaseStream.Position = 16;
        Dictionary<string, object> values = [];
        for (long left = reader.ReadInt64(); left > 0; left--)
        {
            string key = Text(reader);
            if (Value(reader, reader.ReadInt32()) is { } value) values[key] = value;
        }
        return values;
    }

    static object? Value(BinaryReader reader, int type) => type switch
    {
        0 or 1 or 7 => reader.ReadByte(),
        2 or 3 => reader.ReadInt16(),
        4 or 5 => reader.ReadInt32(),
        6 => reader.ReadSingle(),
        8 => Text(reader),
        9 => List(reader, reader.ReadInt32(), reader.ReadInt64()),
        10 or 11 or 12 => reader.ReadInt64(),
        _ => throw new InvalidDataException($"type {type}"),
    };

    static object List(BinaryReader reader, int type, long count)
    {
        object[] items = [.. Enumerable.Range(0, (int)count).Select(_ => Value(reader, type)!)];
        return type switch { 8 => items.Cast<string>().ToArray(), 6 => items.Cast<float>().ToArray(), 5 => items.Cast<int>().ToArray(), _ => items };
    }

    static string Text(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadInt64()));
}
