using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Train;

/// <summary>One update: losses and their gradients, clipping, the optimizer's step, gradients dropped. No tensor is left behind.</summary>
public sealed class TrainStep(nn.Module module, optim.Optimizer optimizer, double clipNorm)
{
    readonly Parameter[] parameters = [.. module.parameters().Where(p => p.requires_grad)];

    /// <summary>
    /// Updates with the sum of the losses, each computed and differentiated in turn (so their graphs are never held together).
    /// Returns that sum.
    /// </summary>
    /// <exception cref="InvalidOperationException">The loss or the gradient is not a number; the weights are unchanged.</exception>
    public double Run(double learningRate, params IReadOnlyList<Func<Tensor>> losses)
    {
        using var scope = NewDisposeScope();
        double total = 0;
        foreach (Func<Tensor> loss in losses)
        {
            using var part = NewDisposeScope();
            Tensor value = loss();
            value.backward();
            total += value.item<float>();
        }
        double norm = nn.utils.clip_grad_norm_(parameters.Where(p => p.grad is not null), clipNorm);
        if (!double.IsFinite(total) || !double.IsFinite(norm))
        {
            module.zero_grad();
            throw new InvalidOperationException($"training diverged: loss {total}, gradient norm {norm}");
        }
        foreach (optim.ILearningRateController group in optimizer.ParamGroups) group.LearningRate = learningRate;
        optimizer.step();
        module.zero_grad();
        return total;
    }
}
