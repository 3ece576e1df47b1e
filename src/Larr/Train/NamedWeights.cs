using Larr.Model;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Train;

/// <summary>Weights of a module in a safetensors file, by their names in the state dictionary.</summary>
public static class NamedWeights
{
    /// <summary>Every float32 tensor of the module's state; counters of batch normalisation are not among them and not needed.</summary>
    public static IEnumerable<(string Name, Tensor Tensor)> Of(nn.Module module) =>
        module.state_dict().Where(e => e.Value.dtype == ScalarType.Float32).Select(e => (e.Key, e.Value));

    /// <summary>Writes tensors as float32.</summary>
    public static void Write(string file, IEnumerable<(string Name, Tensor Tensor)> tensors) => SafetensorsWriter.Write(file, tensors, ScalarType.Float32);

    /// <summary>Fills the module's state from the file.</summary>
    /// <exception cref="InputException">A tensor is missing, or has another shape.</exception>
    public static void Read(string file, nn.Module module) => Read(file, Of(module));

    /// <summary>Fills tensors from the file.</summary>
    /// <exception cref="InputException">A tensor is missing, or has another shape.</exception>
    public static void Read(string file, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        using var reader = new SafetensorsReader(file);
        using var grad = no_grad();
        foreach ((string name, Tensor tensor) in tensors)
        {
            if (!reader.Entries.TryGetValue(name, out SafetensorsEntry? entry)) throw new InputException(file, name, "nothing", $"a tensor of shape [{string.Join(", ", tensor.shape)}]");
            if (!entry.Shape.SequenceEqual(tensor.shape)) throw new InputException(file, name, $"shape [{string.Join(", ", entry.Shape)}]", $"[{string.Join(", ", tensor.shape)}]");
            using Tensor value = reader.Read(name);
            tensor.copy_(value);
        }
    }
}
