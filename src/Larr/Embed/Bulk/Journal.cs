using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Larr.Runs;

namespace Larr.Embed.Bulk;

/// <summary>A finished part.</summary>
/// <param name="Block">Number of its block.</param>
/// <param name="Values">Hash of the block's values.</param>
/// <param name="Vectors">Vectors in it.</param>
/// <param name="NotFinite">Values left out because their vector is not finite.</param>
/// <param name="Cut">Texts that were cut.</param>
/// <param name="Files">The part's files by name, with the hash of their content.</param>
sealed record FinishedPart(int Block, string Values, int Vectors, int NotFinite, int Cut, IReadOnlyDictionary<string, string> Files);

/// <summary>
/// The list of finished parts of an output folder: one JSON line for what decides the result, then one for each part, each on the disk
/// before the next part begins. A line that was not written whole, and what follows it, does not count.
/// </summary>
sealed class Journal : IDisposable
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "journal.jsonl";

    readonly FileStream _stream;
    readonly string _folder;
    readonly List<FinishedPart> _parts = [];

    /// <summary>Opens or begins the journal of a folder.</summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="run">What decides the result, as one line of JSON.</param>
    /// <exception cref="InputException">The folder holds the output of a run that something else decided.</exception>
    public Journal(string folder, string run)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, FileName);
        try
        {
            _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new InputException(path, "another process is writing this output");
        }
        try
        {
            Recover(path, run);
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>All finished parts.</summary>
    public IReadOnlyList<FinishedPart> Parts => _parts;

    /// <summary>Is this block's part finished and on the disk as it was written?</summary>
    /// <exception cref="InputException">Its values are not those that the part was made of.</exception>
    public bool Has(ValueBlock block)
    {
        if (block.Number >= _parts.Count) return false;
        FinishedPart part = _parts[block.Number];
        if (part.Values != block.Hash)
            throw new InputException(Path.Combine(_folder, FileName), $"part {block.Number}", "other values than the source has now", "the source that the interrupted run read, or an empty folder");
        return part.Files.All(f => File.Exists(Path.Combine(_folder, f.Key)) && HashOf(Path.Combine(_folder, f.Key)) == f.Value);
    }

    /// <summary>Notes that a block's files are complete.</summary>
    public void Finish(ValueBlock block, int vectors, int notFinite, int cut, IReadOnlyList<string> files)
    {
        if (block.Number < _parts.Count) return; // A lost file was made again.
        var part = new FinishedPart(block.Number, block.Hash, vectors, notFinite, cut, files.ToDictionary(f => f, f => HashOf(Path.Combine(_folder, f))));
        _parts.Add(part);
        Append(JsonSerializer.Serialize(part, JsonSerializerOptions.Web));
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    /// <summary>Reads what is there, and cuts off what was not written whole.</summary>
    void Recover(string path, string run)
    {
        using var reader = new StreamReader(_stream, new UTF8Encoding(false), leaveOpen: true);
        string[] lines = reader.ReadToEnd().Split('\n')[..^1]; // What follows the last line end was not written whole.
        long whole = 0;
        if (lines.Length > 0)
        {
            if (lines[0] != run) throw Other(path, lines[0], run);
            whole = Encoding.UTF8.GetByteCount(lines[0]) + 1;
        }
        foreach (string line in lines.Skip(1))
        {
            if (Parse(line) is not { } part || part.Block != _parts.Count) break;
            _parts.Add(part);
            whole += Encoding.UTF8.GetByteCount(line) + 1;
        }
        _stream.SetLength(whole);
        _stream.Position = whole;
        if (whole == 0) Append(run);
    }

    void Append(string line)
    {
        _stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
        _stream.Flush(flushToDisk: true);
    }

    /// <summary>Names the first thing in which two runs differ.</summary>
    static InputException Other(string path, string before, string now)
    {
        try
        {
            var (was, would) = (JsonNode.Parse(before)!.AsObject(), JsonNode.Parse(now)!.AsObject());
            string key = would.First(p => !JsonNode.DeepEquals(p.Value, was[p.Key])).Key;
            return new InputException(path, key, was[key]?.ToJsonString() ?? "nothing", $"{would[key]!.ToJsonString()} as in this run, or an empty folder");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new InputException(path, "first line", before, "a journal of larr embed, or an empty folder");
        }
    }

    static FinishedPart? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<FinishedPart>(line, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static string HashOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        var hash = new XxHash128();
        hash.Append(stream);
        return hash.GetCurrentHashAsUInt128().ToString("x32");
    }
}
