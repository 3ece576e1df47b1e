using System.Buffers;
using System.Text;

namespace Larr.Tokens;

/// <summary>Byte-level BPE (GPT-2): words of a pattern, their UTF-8 bytes, merges.</summary>
sealed class ByteLevel : Subwords
{
    readonly WordSplit split;
    readonly BytePairMerges merges;
    readonly WordCache cache = new();
    readonly int[] idOfByte;
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? wholeWords;
    readonly bool composed;

    public ByteLevel(TokenizerJson json)
    {
        split = new(json.Patterns);
        merges = MergesOf(json);
        idOfByte = [.. Enumerable.Range(0, 256).Select(b => json.Vocabulary[ByteSymbols.Symbol((byte)b).ToString()])];
        if (json.WholeWordsFirst) wholeWords = new Dictionary<string, int>(json.Vocabulary).GetAlternateLookup<ReadOnlySpan<char>>();
        composed = json.Composed;
    }

    public override void Encode(ReadOnlySpan<char> text, bool first, List<int> ids)
    {
        if (composed && !ComposedForm.IsCertain(text)) text = ComposedForm.Of(text.ToString());
        var ends = new List<int>(text.Length / 4 + 1);
        split.Cut(text, ends);
        int start = 0;
        foreach (int end in ends)
        {
            ReadOnlySpan<char> word = text[start..end];
            if (!cache.TryAppend(word, ids)) Merge(word, ids);
            start = end;
        }
    }

    public override byte[] Bytes(string token) => ByteSymbols.ToBytes(token);

    void Merge(ReadOnlySpan<char> word, List<int> ids)
    {
        if (wholeWords is { } whole && whole.TryGetValue(ByteSymbols.FromText(word), out int id))
        {
            ids.Add(id);
            cache.Remember(word, [id]);
            return;
        }
        byte[] utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        int count = Encoding.UTF8.GetBytes(word, utf8);
        int[] symbols = ArrayPool<int>.Shared.Rent(count);
        for (int i = 0; i < count; i++) symbols[i] = idOfByte[utf8[i]];
        ReadOnlySpan<int> merged = symbols.AsSpan(0, merges.Merge(symbols.AsSpan(0, count)));
        ids.AddRange(merged);
        cache.Remember(word, merged);
        ArrayPool<byte>.Shared.Return(utf8);
        ArrayPool<int>.Shared.Return(symbols);
    }
}
