using Larr.Kernels;
using Larr.Model;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Train;

/// <summary>
/// AdamW (arXiv 1711.05101): clipping, moments, decay and update of a weight in one pass over memory. A parameter without a
/// gradient is left alone, and its moments too.
/// </summary>
public sealed class FusedAdamW : IDisposable
{
    const double Epsilon = 1e-8;

    readonly Parameter[] parameters;
    readonly double[] decays;
    readonly (Tensor First, Tensor Second)[] moments;
    readonly long[] steps;
    readonly double beta1, beta2;

    /// <summary>An optimizer of parameters, each with its weight decay. Make it after loading, resizing and moving the module.</summary>
    public FusedAdamW(IEnumerable<(Parameter Parameter, double Decay)> parameters, double beta1, double beta2)
    {
        (this.beta1, this.beta2) = (beta1, beta2);
        (Parameter Parameter, double Decay)[] all = [.. parameters];
        this.parameters = [.. all.Select(p => p.Parameter)];
        decays = [.. all.Select(p => p.Decay)];
        steps = new long[all.Length];
        moments = [.. this.parameters.Select(p => (Zeros(p), Zeros(p)))];
    }

    /// <summary>The parameters, in order.</summary>
    public IReadOnlyList<Parameter> Parameters => parameters;

    /// <summary>Updates of each parameter so far.</summary>
    internal long[] Steps => steps;

    /// <summary>First and second moments by name.</summary>
    internal IEnumerable<(string Name, Tensor Tensor)> State =>
        moments.Index().SelectMany(m => new[] { ($"first.{m.Index}", m.Item.First), ($"second.{m.Index}", m.Item.Second) });

    /// <summary>Length of all gradients together.</summary>
    public double GradientNorm()
    {
        using var scope = NewDisposeScope();
        double sum = 0;
        foreach (Parameter parameter in parameters)
            if (parameter.grad is { } gradient) sum += SquaredNorm(gradient);
        return Math.Sqrt(sum);
    }

    /// <summary>One update.</summary>
    /// <param name="rate">Learning rate.</param>
    /// <param name="scale">Factor of all gradients, for clipping.</param>
    /// <param name="decay">Are weights decayed?</param>
    public void Step(double rate, double scale = 1, bool decay = true)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        for (int p = 0; p < parameters.Length; p++)
            if (parameters[p].grad is { } gradient)
                Update(parameters[p], gradient, moments[p], new AdamWUpdate(rate, beta1, beta2, Epsilon, decay ? decays[p] : 0, scale, ++steps[p]));
    }

    static unsafe double SquaredNorm(Tensor gradient) => gradient.IsForKernels()
        ? AdamWKernel.SquaredNorm(gradient.contiguous().Floats(), gradient.numel(), get_num_threads())
        : gradient.square().sum().item<float>();

    static unsafe void Update(Parameter weight, Tensor gradient, (Tensor First, Tensor Second) moments, AdamWUpdate update)
    {
        if (weight.IsForKernels())
        {
            Tensor dense = gradient.contiguous();
            AdamWKernel.Update(weight.Floats(), dense.Floats(), moments.First.Floats(), moments.Second.Floats(), weight.numel(), update, get_num_threads());
            return;
        }
        Tensor g = gradient * update.Scale;
        moments.First.mul_(update.Beta1).add_(g, alpha: 1 - update.Beta1);
        moments.Second.mul_(update.Beta2).addcmul_(g, g, value: 1 - update.Beta2);
        Tensor root = (moments.Second / (1 - Math.Pow(update.Beta2, update.Step))).sqrt_().add_(update.Epsilon);
        weight.mul_(1 - update.Rate * update.Decay).addcdiv_(moments.First, root, value: -update.Rate / (1 - Math.Pow(update.Beta1, update.Step)));
    }

    static Tensor Zeros(Parameter parameter)
    {
        using var scope = NewDisposeScope();
        return zeros(parameter.shape, device: parameter.device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((Tensor first, Tensor second) in moments)
        {
            first.Dispose();
            second.Dispose();
        }
    }
}
