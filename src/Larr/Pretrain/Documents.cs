using System.Text;
using Larr.Runs;
using Larr.Tokens;

namespace Larr.Pretrain;

/// <summary>Corpus files: UTF-8, one document per line.</summary>
static class Documents
{
    /// <summary>The documents that are not blank.</summary>
    /// <exception cref="InputException">The file is missing or holds no document.</exception>
    public static List<string> Read(string file)
    {
        if (!File.Exists(file)) throw new InputException(file, "file not found");
        List<string> documents = [.. File.ReadLines(file).Where(l => !string.IsNullOrWhiteSpace(l))];
        return documents.Count > 0 ? documents : throw new InputException(file, "content", "no document", "one document per line");
    }

    /// <summary>Refuses a document that the model cannot read whole.</summary>
    /// <exception cref="InputException">A document has more tokens than <paramref name="most"/>, its end token included.</exception>
    public static void RequireFit(string file, IReadOnlyList<string> documents, TextTokenizer tokenizer, int most)
    {
        foreach (string document in documents)
        {
            if (Encoding.UTF8.GetByteCount(document) < most) continue; // a token is a byte at least
            int tokens = tokenizer.Encode(document).Length + 1;
            if (tokens > most) throw new InputException(file, $"document \"{document[..Math.Min(40, document.Length)]}…\"", $"{tokens} tokens", $"at most {most}, the model's context");
        }
    }
}
