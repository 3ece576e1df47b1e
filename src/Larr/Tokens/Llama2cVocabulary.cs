using System.Text;
using Larr.Runs;

namespace Larr.Tokens;

/// <summary>
/// The vocabulary file of llama2.c: an int32 (bytes of the longest token), then for each token a float32 score, an int32 length and its
/// UTF-8 bytes. It is a SentencePiece vocabulary with plain spaces for marks and line breaks around the begin and end tokens.
/// </summary>
public static class Llama2cVocabulary
{
    const int Unknown = 0, Begin = 1, End = 2, FirstByte = 3;

    /// <summary>Reads the first <paramref name="size"/> tokens as a tokenizer.json.</summary>
    /// <exception cref="InputException">The file is missing, cut off, longer than the vocabulary, or no such vocabulary.</exception>
    public static TokenizerJson Read(string file, int size)
    {
        if (!File.Exists(file)) throw new InputException(file, "no such file");
        var pieces = new List<(string Text, float Score)>();
        using (var reader = new BinaryReader(File.OpenRead(file)))
        {
            try
            {
                _ = reader.ReadInt32();
                while (pieces.Count < size) pieces.Add(Piece(reader, file, pieces.Count));
                if (reader.BaseStream.Position != reader.BaseStream.Length) throw new InputException(file, "size", $"more than {size} tokens", $"the {size} of the model");
            }
            catch (EndOfStreamException)
            {
                throw new InputException(file, "size", $"{pieces.Count} whole tokens", $"{size}, the model's vocabulary");
            }
        }
        if (size < FirstByte + 256 || pieces[FirstByte].Text != SentencePieces.ByteToken(0))
            throw new InputException(file, "tokens", "no byte tokens from id 3 on", "a SentencePiece vocabulary with byte fallback");
        if (pieces.GroupBy(p => p.Text).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InputException(file, "tokens", $"\"{twice.Key}\" {twice.Count()} times", "each token once");
        (pieces[Unknown], pieces[Begin], pieces[End]) = (("<unk>", 0), ("<s>", 0), ("</s>", 0));
        AddedToken[] special = [new(Unknown, "<unk>", true), new(Begin, "<s>", true), new(End, "</s>", true)];
        return TokenizerJson.OfSentencePieces(pieces, special, begin: "<s>", unknown: "<unk>");
    }

    static (string Text, float Score) Piece(BinaryReader reader, string file, int id)
    {
        float score = reader.ReadSingle();
        int length = reader.ReadInt32();
        if (length is <= 0 or > 1 << 16) throw new InputException(file, $"length of token {id}", $"{length}", "1 to 65536 bytes");
        byte[] bytes = reader.ReadBytes(length);
        if (bytes.Length < length) throw new EndOfStreamException();
        return (Encoding.UTF8.GetString(bytes).Replace(' ', SentencePieces.Mark), score);
    }
}
