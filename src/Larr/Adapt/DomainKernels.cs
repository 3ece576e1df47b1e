using Larr.Ctr;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>The kernels of one domain, one for each of the last hidden layers of a click model.</summary>
public sealed class DomainKernels : nn.Module
{
    readonly ModuleList<IakKernel> kernels;
    readonly int _firstLayer;
    readonly int[] _hidden;

    /// <summary>Kernels for <paramref name="model"/>, with no effect yet.</summary>
    public DomainKernels(AdaptConfig config, CtrModel model, int seed) : base(nameof(DomainKernels))
    {
        IReadOnlyList<int> hidden = model.Config.Hidden;
        _firstLayer = Math.Max(0, hidden.Count - config.Layers);
        _hidden = [.. hidden.Skip(_firstLayer)];
        using var generator = new Generator((ulong)seed);
        kernels = new ModuleList<IakKernel>([.. _hidden.Select(h => new IakKernel(config, h, generator))]);
        RegisterComponents();
    }

    /// <summary>Number of trained values.</summary>
    public long Parameters => parameters().Sum(p => p.numel());

    /// <summary>The kernel of a hidden layer, or null.</summary>
    public IakKernel? At(int layer) => layer < _firstLayer ? null : kernels[Index(layer)];

    /// <summary>Parameters of the first phase.</summary>
    internal Parameter[] Encoders() => [.. kernels.SelectMany(k => k.encoder.parameters())];

    /// <summary>Parameters of the second phase.</summary>
    internal Parameter[] Decoders() => [.. kernels.SelectMany(k => k.decoder.parameters())];

    /// <summary>Position of a hidden layer's kernel.</summary>
    internal int Index(int layer) => layer - _firstLayer;

    /// <summary>New readouts z → h of the first phase, one per kernel.</summary>
    internal ModuleList<KernelMlp> Readouts(AdaptConfig config, Generator generator) =>
        new([.. _hidden.Select(h => new KernelMlp(config.Bottleneck, config.Width, h, generator))]);

    /// <summary>The transform for serving: z = μ.</summary>
    public Tensor Serve(int layer, Tensor h) => At(layer) is { } kernel ? kernel.Match(h, kernel.Encode(h).Mean) : h;
}
