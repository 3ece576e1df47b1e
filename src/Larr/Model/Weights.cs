using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Makes parameters that outlive the dispose scope they are made in.</summary>
static class Weights
{
    public static Parameter New(params long[] shape) => New(get_default_device(), shape);

    public static Parameter New(Device device, params long[] shape)
    {
        using var scope = NewDisposeScope();
        var weight = new Parameter(empty(shape, device: device));
        weight.DetachFromDisposeScope();
        return weight;
    }
}
