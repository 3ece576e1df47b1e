using System.Text.Json;
using Larr.Runs;

namespace Larr.Serve;

/// <summary>A finished part of a feature table.</summary>
/// <param name="Part">Its number.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Bytes">Size of its file.</param>
/// <param name="Hash">XxHash128 of its file.</param>
/// <param name="Scenes">Scenes that had to be encoded for it.</param>
/// <param name="Unseen">Values without a vector, by field.</param>
public sealed record FinishedPart(int Part, int Rows, long Bytes, string Hash, int Scenes, IReadOnlyList<long> Unseen);

/// <summary>
/// What a shard has finished: one line of JSON per part, appended and flushed after the part's file has got its name. A kill in between makes
/// the part be written again, with the same bytes; a half-written last line is cut off. A last line <c>"end"</c> says that the log ended.
/// </summary>
sealed class FeatureJournal : IDisposable
{
    const string End = "\"end\"";
    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);
    readonly FileStream _stream;
    readonly List<FinishedPart> _parts = [];

    /// <summary>Opens the journal and checks that the parts it names are there.</summary>
    /// <param name="folder">Folder of the feature table.</param>
    /// <param name="shard">Number of the shard.</param>
    /// <param name="shards">How many there are.</param>
    /// <exception cref="InputException">A whole line is no part or not the next one, or a part's file is missing or of another size.</exception>
    public FeatureJournal(string folder, int shard, int shards)
    {
        string path = Path.Combine(folder, $"shard-{shard}-of-{shards}.journal");
        _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        using var reader = new StreamReader(_stream, leaveOpen: true);
        string text = reader.ReadToEnd();
        int whole = text.LastIndexOf('\n') + 1;
        foreach (string line in text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line == End) Ended = true;
            else if (Part(path, line, folder) is var part && part.Part == shard + _parts.Count * shards) _parts.Add(part);
            else throw new InputException(path, $"line {_parts.Count + 1}", $"part {part.Part}", $"{shard + _parts.Count * shards}; delete the journal to begin anew");
        }
        _stream.SetLength(whole); // ASCII throughout, so characters are bytes
        _stream.Position = whole;
    }

    /// <summary>Whether the log was read to its end.</summary>
    public bool Ended { get; private set; }

    /// <summary>The finished parts.</summary>
    public IReadOnlyList<FinishedPart> Parts => _parts;

    /// <summary>Name of a part's file.</summary>
    public static string FileOf(int part) => $"part-{part:D5}.parquet";

    /// <summary>Notes a part whose file is in its place.</summary>
    public void Add(FinishedPart part)
    {
        Append(JsonSerializer.Serialize(part, s_json));
        _parts.Add(part);
    }

    /// <summary>Notes that the log has ended.</summary>
    public void Finish()
    {
        Append(End);
        Ended = true;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    void Append(string line)
    {
        _stream.Write(System.Text.Encoding.ASCII.GetBytes(line + "\n"));
        _stream.Flush(flushToDisk: true);
    }

    static FinishedPart Part(string path, string line, string folder)
    {
        try
        {
            FinishedPart part = JsonSerializer.Deserialize<FinishedPart>(line, s_json)!;
            var file = new FileInfo(Path.Combine(folder, FileOf(part.Part)));
            if (!file.Exists || file.Length != part.Bytes)
                throw new InputException(file.FullName, "size", file.Exists ? $"{file.Length} bytes" : "no file", $"{part.Bytes} bytes, as {path} says; delete the journal to write it again");
            return part;
        }
        catch (JsonException)
        {
            throw new InputException(path, "line", line, "a finished part; delete the journal to begin anew");
        }
    }
}
