using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>
/// Rotary positions (arXiv 2104.09864) in the half-split layout of Llama checkpoints: dimensions i and i + d/2 form a pair
/// that is turned by position · theta^(-2i/d). Not a module: its tables are no part of a checkpoint.
/// </summary>
public sealed class Rope(int headWidth, double theta) : IDisposable
{
    Tensor? cos, sin; // [positions, d/2] float32

    /// <summary>Cosines and sines of positions 0 to <paramref name="length"/> − 1, each [T, d/2]; they belong to the caller's scope.</summary>
    public (Tensor Cos, Tensor Sin) Table(int length, Device device)
    {
        if (cos is null || cos.size(0) < length || cos.device_type != device.type || cos.device_index != device.index) Build(length, device);
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
        Tensor frequency = pow(theta, arange(0, headWidth, 2, ScalarType.Float64) / -headWidth);
        Tensor angle = outer(arange(length, ScalarType.Float64), frequency);
        cos = angle.cos().to(ScalarType.Float32).to(device).DetachFromDisposeScope();
        sin = angle.sin().to(ScalarType.Float32).to(device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cos?.Dispose();
        sin?.Dispose();
        cos = sin = null;
    }
}
