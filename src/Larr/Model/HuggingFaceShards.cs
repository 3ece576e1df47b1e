using System.Text.Json;
using Larr.Runs;

namespace Larr.Model;

/// <summary>
/// The safetensors of a folder as one: <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> names. Index and
/// shards must tell of the same tensors.
/// </summary>
sealed class HuggingFaceShards : IDisposable
{
    /// <summary>The file of a model that is not sharded.</summary>
    public const string WeightsFile = "model.safetensors";

    const string IndexFile = "model.safetensors.index.json";

    readonly List<SafetensorsReader> readers = [];
    readonly Dictionary<string, SafetensorsReader> readerOf = [];

    /// <summary>Opens every shard and verifies its header.</summary>
    /// <exception cref="InputException">A file is missing or malformed, or index and shards disagree.</exception>
    public HuggingFaceShards(string folder)
    {
        string index = Path.Combine(folder, IndexFile);
        try
        {
            if (File.Exists(index)) OpenShards(folder, index);
            else Open(Path.Combine(folder, WeightsFile));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Names of the tensors.</summary>
    public IReadOnlyCollection<string> Names => readerOf.Keys;

    /// <summary>The reader of the tensor; null where no shard has it.</summary>
    public SafetensorsReader? ReaderOf(string name) => readerOf.GetValueOrDefault(name);

    /// <inheritdoc/>
    public void Dispose() => readers.ForEach(r => r.Dispose());

    void OpenShards(string folder, string index)
    {
        Dictionary<string, string> fileOf = ReadIndex(index);
        foreach (string file in fileOf.Values.Distinct())
        {
            SafetensorsReader shard = Open(Path.Combine(folder, file));
            foreach (string name in shard.Entries.Keys)
                if (fileOf.GetValueOrDefault(name) != file) throw new InputException(index, $"weight_map.{name}", fileOf.GetValueOrDefault(name) ?? "nothing", $"{file}, which holds it");
        }
        foreach ((string name, string file) in fileOf)
            if (!readerOf.ContainsKey(name)) throw new InputException(Path.Combine(folder, file), $"tensor {name} is missing; {IndexFile} has it here");
    }

    SafetensorsReader Open(string file)
    {
        var reader = new SafetensorsReader(file);
        readers.Add(reader);
        foreach (string name in reader.Entries.Keys)
            if (!readerOf.TryAdd(name, reader)) throw new InputException(file, "tensor", $"{name} a second time", "each tensor in one shard");
        return reader;
    }

    static Dictionary<string, string> ReadIndex(string index)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(index), new JsonDocumentOptions { AllowDuplicateProperties = false });
            Dictionary<string, string> files = json.RootElement.GetProperty("weight_map").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString() ?? "");
            foreach ((string name, string file) in files)
                if (file.Length == 0 || file != Path.GetFileName(file) || file is "." or "..") throw new InputException(index, $"weight_map.{name}", $"\"{file}\"", "a file of this folder");
            return files;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InputException(index, "content", "malformed JSON", "weight_map: tensor → file, each tensor once");
        }
    }
}
