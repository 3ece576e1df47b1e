using Larr.Data;
using Larr.Model;
using Larr.Train;
using static TorchSharp.torch;

namespace Larr.Features;

/// <summary>A copy of the weights of a module and its embedding rows, to go back to.</summary>
/// <param name="module">The module.</param>
/// <param name="embeddings">The embedding rows trained beside it, if any.</param>
public sealed class BestWeights(nn.Module module, EmbeddingTable? embeddings = null) : IDisposable
{
    readonly Dictionary<string, Tensor> _tensors = [];
    float[]? _rows;

    /// <summary>Keeps the weights as they are now.</summary>
    public void Keep()
    {
        Dispose();
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        foreach ((string name, Tensor tensor) in module.state_dict()) _tensors[name] = tensor.detach().clone().DetachFromDisposeScope();
        if (embeddings is null) return;
        _rows ??= new float[embeddings.Weights.Length];
        embeddings.Weights.CopyTo(_rows, 0);
    }

    /// <summary>Puts the kept weights back; does nothing where none were kept.</summary>
    public void Restore()
    {
        if (_tensors.Count == 0) return;
        using var grad = no_grad();
        foreach ((string name, Tensor tensor) in module.state_dict()) tensor.copy_(_tensors[name]);
        _rows?.CopyTo(embeddings!.Weights, 0);
    }

    /// <summary>Writes the kept weights to <paramref name="file"/>, and the kept rows to <paramref name="rowsFile"/>; nothing where none were kept.</summary>
    public void Save(string file, string rowsFile)
    {
        if (_tensors.Count == 0) return;
        NamedWeights.Write(file, _tensors.Where(t => t.Value.dtype == ScalarType.Float32).Select(t => (t.Key, t.Value)));
        if (_rows is not null) ColumnFile<float>.Write(rowsFile, _rows);
    }

    /// <summary>Takes over what <see cref="Save"/> wrote as the kept weights; does nothing where there are no such files.</summary>
    public void Load(string file, string rowsFile)
    {
        if (!File.Exists(file)) return;
        Keep();
        using var reader = new SafetensorsReader(file);
        foreach ((string name, Tensor tensor) in _tensors)
        {
            if (tensor.dtype != ScalarType.Float32) continue;
            using Tensor value = reader.Read(name);
            tensor.copy_(value);
        }
        if (_rows is null) return;
        using var rows = new ColumnFile<float>(rowsFile);
        rows.Span.CopyTo(_rows);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values) tensor.Dispose();
        _tensors.Clear();
    }
}
