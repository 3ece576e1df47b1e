using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>
/// A linear map whose float32 master weights are cast to the type of its input: [..., in] → [..., out]. Ranges of its outputs
/// may have a low-rank change (<see cref="LowRank"/>).
/// </summary>
public sealed class Projection : nn.Module<Tensor, Tensor>
{
    internal readonly Parameter weight; // [out, in]
    internal readonly Parameter? bias;
    readonly SortedDictionary<long, LowRank> changes = []; // by first output
    Tensor? held;

    /// <summary>A map with uninitialised weights.</summary>
    public Projection(int inputs, int outputs, bool bias = false) : base(nameof(Projection))
    {
        weight = Weights.New(outputs, inputs);
        if (bias) this.bias = Weights.New(outputs);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor y = nn.functional.linear(x, held is not null && held.dtype == x.dtype ? held : weight.to(x.dtype), bias?.to(x.dtype)!);
        if (changes.Count > 0) y = y + Change(x);
        return y.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Keeps the weights in <paramref name="type"/> until <see cref="Release"/>, so that several passes between two updates cast
    /// them once. Gradients still reach the masters.
    /// </summary>
    internal void Hold(ScalarType type)
    {
        if (type != weight.dtype) held = weight.to(type).DetachFromDisposeScope();
    }

    /// <summary>Ends <see cref="Hold"/>.</summary>
    internal void Release()
    {
        held?.Dispose();
        held = null;
    }

    /// <summary>Gives <paramref name="count"/> outputs from <paramref name="begin"/> on a low-rank change.</summary>
    internal void Adapt(string name, long begin, long count, int rank, double alpha, Generator generator)
    {
        var change = new LowRank(weight.size(1), count, rank, alpha, generator, weight.device);
        register_module(name, change);
        changes.Add(begin, change);
    }

    /// <summary>The change of the outputs from <paramref name="begin"/> on.</summary>
    internal LowRank ChangeAt(long begin) => changes[begin];

    /// <summary>Adds the changes to the weights, which are to be read and saved from here on, not trained: what was frozen stays so.</summary>
    internal void Merge()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach ((long begin, LowRank change) in changes) weight.narrow(0, begin, change.b.size(0)).add_(change.Matrix());
        changes.Clear();
    }

    /// <summary>The changes of all outputs [..., out]; zeros where there is none.</summary>
    Tensor Change(Tensor x)
    {
        List<Tensor> parts = [];
        long at = 0, outputs = weight.size(0);
        foreach ((long begin, LowRank change) in changes)
        {
            if (begin > at) parts.Add(Nothing(begin - at));
            parts.Add(change.forward(x));
            at = begin + change.b.size(0);
        }
        if (at < outputs) parts.Add(Nothing(outputs - at));
        return parts.Count == 1 ? parts[0] : cat(parts, -1);

        Tensor Nothing(long count) => zeros([.. x.shape[..^1], count], dtype: x.dtype, device: x.device);
    }
}
