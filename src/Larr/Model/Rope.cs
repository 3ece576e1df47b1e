using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>
/// Rotary positions (arXiv 2104.09864) in the half-split layout of Llama checkpoints: dimensions i and i + d/2 form a pair
/// that is turned by position · theta^(-2i/d), or as the scaling has it. Not a module: its tables are no part of a checkpoint.
/// </summary>
public sealed class Rope(int headWidth, double theta, RopeScaling? scaling = null) : IDisposable
{
    Tensor? cos, sin; // [positions, d/2] float32
    int builtFor;

    /// <summary>Cosines and sines of positions 0 to <paramref name="length"/> − 1, each [T, d/2]; they belong to the caller's scope.</summary>
    public (Tensor Cos, Tensor Sin) Table(int length, Device device)
    {
        bool fits = cos is not null && cos.size(0) >= length && cos.device_type == device.type && cos.device_index == device.index;
        // Dynamic angles depend on the length of the text as soon as it is longer than the original.
        if (scaling is DynamicScaling dynamic && Math.Max(length, dynamic.OriginalLength) != Math.Max(builtFor, dynamic.OriginalLength)) fits = false;
        if (!fits) Build(length, device);
        return (cos!.narrow(0, 0, length), sin!.narrow(0, 0, length));
    }

    /// <summary>Turns <paramref name="x"/> [..., T, d] by tables that broadcast to [..., T, d/2].</summary>
    public static Tensor Rotate(Tensor x, Tensor cos, Tensor sin)
    {
        long half = x.size(-1) / 2;
        Tensor a = x.narrow(-1, 0, half), b = x.narrow(-1, half, half);
        return cat([a * cos - b * sin, b * cos + a * sin], -1);
    }

    void Build(int length, Device device)
    {
        Dispose();
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        double[] frequencies = scaling?.Frequencies(headWidth, theta, length) ?? RopeScaling.Plain(headWidth, theta);
        Tensor angle = outer(arange(length, ScalarType.Float64), tensor(frequencies));
        double magnitude = scaling?.Magnitude ?? 1;
        cos = (angle.cos() * magnitude).to(ScalarType.Float32).to(device).DetachFromDisposeScope();
        sin = (angle.sin() * magnitude).to(ScalarType.Float32).to(device).DetachFromDisposeScope();
        builtFor = length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cos?.Dispose();
        sin?.Dispose();
        cos = sin = null;
    }
}
