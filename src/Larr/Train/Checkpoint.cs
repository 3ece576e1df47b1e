using System.Text.Json;
using Larr.Model;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Train;

/// <summary>
/// What a killed training needs to go on with the same bits: weights, optimizer, and the loop's own state (step, position in
/// the data, seeds of generators). A checkpoint is a folder <c>checkpoint-STEP</c>, written aside and renamed when whole.
/// </summary>
public static class Checkpoint
{
    const string Prefix = "checkpoint-", Aside = "checkpoint.writing", WeightsFile = "weights.safetensors", OptimizerFile = "optimizer.safetensors", StateFile = "state.json";

    /// <summary>Saves what is trained, and removes older checkpoints of the folder.</summary>
    public static void Save<TState>(string folder, long step, nn.Module module, FusedAdamW optimizer, TState state)
    {
        string aside = Path.Combine(folder, Aside), target = Path.Combine(folder, Prefix + step);
        Delete(aside);
        Directory.CreateDirectory(aside);
        using (var scope = NewDisposeScope())
        {
            SafetensorsWriter.Write(Path.Combine(aside, WeightsFile), Trained(module).OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => (e.Key, e.Value)), ScalarType.Float32);
            SafetensorsWriter.Write(Path.Combine(aside, OptimizerFile), optimizer.State, ScalarType.Float32);
        }
        File.WriteAllText(Path.Combine(aside, StateFile), JsonSerializer.Serialize(new Saved<TState>(state, optimizer.Steps)));
        Delete(target);
        Disk.Real.MoveWhole(aside, target);
        foreach ((long other, string path) in All(folder))
            if (other != step) Delete(path);
    }

    /// <summary>Loads the newest checkpoint into module and optimizer; false where the folder has none.</summary>
    public static bool TryLoad<TState>(string folder, nn.Module module, FusedAdamW optimizer, out long step, out TState? state)
    {
        (step, state) = (0, default);
        if (Newest(folder) is not { } newest) return false;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Fill(Path.Combine(newest.Path, WeightsFile), Trained(module));
        Fill(Path.Combine(newest.Path, OptimizerFile), optimizer.State.ToDictionary(t => t.Name, t => t.Tensor));
        Saved<TState> saved = Read<TState>(newest.Path);
        saved.OptimizerSteps.CopyTo(optimizer.Steps, 0);
        (step, state) = (newest.Step, saved.State);
        return true;
    }

    /// <summary>The loop's own state of the newest checkpoint, for what must be known before the module is made; default where there is none.</summary>
    public static TState? Peek<TState>(string folder) => Newest(folder) is { } newest ? Read<TState>(newest.Path).State : default;

    static void Fill(string file, Dictionary<string, Tensor> own)
    {
        using var reader = new SafetensorsReader(file);
        if (!own.Keys.ToHashSet().SetEquals(reader.Entries.Keys)) throw new InvalidDataException($"{file}: its tensors are those of another model");
        foreach ((string name, Tensor tensor) in own)
        {
            using var scope = NewDisposeScope();
            tensor.copy_(reader.Read(name));
        }
    }

    static Saved<TState> Read<TState>(string path) => JsonSerializer.Deserialize<Saved<TState>>(File.ReadAllText(Path.Combine(path, StateFile)))!;

    /// <summary>What an update can change: parameters that are not frozen, and buffers.</summary>
    static Dictionary<string, Tensor> Trained(nn.Module module)
    {
        HashSet<string> frozen = [.. module.named_parameters().Where(p => !p.parameter.requires_grad).Select(p => p.name)];
        return module.state_dict().Where(e => !frozen.Contains(e.Key)).ToDictionary();
    }

    static (long Step, string Path)? Newest(string folder) => Directory.Exists(folder) && All(folder) is [.., var newest] ? newest : null;

    sealed record Saved<TState>(TState State, long[] OptimizerSteps);

    /// <summary>Removes all checkpoints of the folder: the training is over.</summary>
    public static void Clear(string folder)
    {
        string aside = Path.Combine(folder, Aside);
        Delete(aside);
        // Renamed first: what a kill leaves half deleted is no checkpoint any more.
        foreach ((_, string path) in All(folder))
        {
            Disk.Real.Move(path, aside);
            Delete(aside);
        }
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
