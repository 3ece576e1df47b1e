using System.Text.Json;
using Larr.Model;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Train;

/// <summary>
/// What a killed training needs to go on with the same bits: weights, optimizer, and the loop's own state (step, position in
/// the data, seeds of generators). A checkpoint is a folder <c>checkpoint-STEP</c>, written aside and renamed when whole.
/// </summary>
public static class Checkpoint
{
    const string Prefix = "checkpoint-", Aside = "checkpoint.writing", WeightsFile = "weights.safetensors", OptimizerFile = "optimizer.bin", StateFile = "state.json";

    /// <summary>Saves, and removes older checkpoints of the folder.</summary>
    public static void Save<TState>(string folder, long step, nn.Module module, OptimizerHelper optimizer, TState state)
    {
        string aside = Path.Combine(folder, Aside), target = Path.Combine(folder, Prefix + step);
        Delete(aside);
        Directory.CreateDirectory(aside);
        using (var scope = NewDisposeScope())
        {
            SafetensorsWriter.Write(Path.Combine(aside, WeightsFile), module.state_dict().OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => (e.Key, e.Value)), ScalarType.Float32);
            optimizer.save_state_dict(Path.Combine(aside, OptimizerFile));
        }
        File.WriteAllText(Path.Combine(aside, StateFile), JsonSerializer.Serialize(state));
        Delete(target);
        Directory.Move(aside, target);
        foreach ((long other, string path) in All(folder))
            if (other != step) Delete(path);
    }

    /// <summary>Loads the newest checkpoint into module and optimizer; false where the folder has none.</summary>
    public static bool TryLoad<TState>(string folder, nn.Module module, OptimizerHelper optimizer, out long step, out TState? state)
    {
        (step, state) = (0, default);
        if (!Directory.Exists(folder) || All(folder) is not [.., var newest]) return false;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var weights = new SafetensorsReader(Path.Combine(newest.Path, WeightsFile));
        Dictionary<string, Tensor> own = module.state_dict();
        if (!own.Keys.ToHashSet().SetEquals(weights.Entries.Keys)) throw new InvalidDataException($"{newest.Path}: its weights are those of another model");
        foreach ((string name, Tensor tensor) in own) tensor.copy_(weights.Read(name));
        optimizer.load_state_dict(Path.Combine(newest.Path, OptimizerFile));
        state = JsonSerializer.Deserialize<TState>(File.ReadAllText(Path.Combine(newest.Path, StateFile)));
        step = newest.Step;
        return true;
    }

    /// <summary>Removes all checkpoints of the folder: the training is over.</summary>
    public static void Clear(string folder)
    {
        Delete(Path.Combine(folder, Aside));
        foreach ((_, string path) in All(folder)) Delete(path);
    }

    static List<(long Step, string Path)> All(string folder) =>
    [
        .. Directory.EnumerateDirectories(folder, Prefix + "*")
            .Select(path => (Step: long.TryParse(Path.GetFileName(path)[Prefix.Length..], out long step) ? step : -1, Path: path))
            .Where(c => c.Step >= 0)
            .OrderBy(c => c.Step),
    ];

    static void Delete(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
