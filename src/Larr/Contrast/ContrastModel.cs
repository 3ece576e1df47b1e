using Larr.Model;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Contrast;

/// <summary>What is trained: the text encoder and, where they are learned, the temperatures.</summary>
sealed class ContrastModel : nn.Module
{
    internal const double LeastTemperature = 0.01;

    internal readonly TextEncoder encoder;
    internal readonly Parameter logTemperature, logSceneTemperature;

    public ContrastModel(TextEncoder encoder, ContrastConfig config) : base(nameof(ContrastModel))
    {
        this.encoder = encoder;
        logTemperature = new Parameter(tensor(MathF.Log((float)config.Temperature)), config.LearnTemperature);
        logSceneTemperature = new Parameter(tensor(MathF.Log((float)config.SceneTemperature)), config.LearnTemperature);
        RegisterComponents();
    }

    /// <summary>τ of a kind, a scalar tensor, kept from vanishing.</summary>
    public Tensor Temperature(PairKind kind) => (kind == PairKind.SceneItem ? logSceneTemperature : logTemperature).exp().clamp(LeastTemperature);

    /// <summary>τ of a kind as a number.</summary>
    public double TemperatureNow(PairKind kind)
    {
        using var scope = NewDisposeScope();
        return Temperature(kind).item<float>();
    }
}
