using Larr.Runs;

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
}
