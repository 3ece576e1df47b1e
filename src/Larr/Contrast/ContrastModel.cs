using Larr.Model;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Contrast;

/// <summary>What is trained: the text encoder and, where it is learned, the temperature.</summary>
sealed class ContrastModel : nn.Module
{
    const double Lowest = 0.01;

    internal readonly TextEncoder encoder;
    internal readonly Parameter logTemperature;

    public ContrastModel(TextEncoder encoder, ContrastConfig config) : base(nameof(ContrastModel))
    {
        this.encoder = encoder;
        logTemperature = new Parameter(tensor(MathF.Log((float)config.Temperature)), config.LearnTemperature);
        RegisterComponents();
    }

    /// <summary>τ, a scalar tensor, kept from vanishing.</summary>
    public Tensor Temperature() => logTemperature.exp().clamp(Lowest);

    /// <summary>τ as a number.</summary>
    public double TemperatureNow()
    {
        using var scope = NewDisposeScope();
        return Temperature().item<float>();
    }
}
