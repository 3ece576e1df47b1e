using static TorchSharp.torch;

namespace Larr.Train;

/// <summary>One update: losses and their gradients, clipping, the optimizer's step, gradients dropped. No tensor is left behind.</summary>
/// <param name="module">The module.</param>
/// <param name="optimizer">Its optimizer.</param>
/// <param name="clipNorm">Gradients longer than this are scaled down to it.</param>
public sealed class TrainStep(nn.Module module, FusedAdamW optimizer, double clipNorm)
{
    /// <summary>Changes gradients before they are measured and used, such as those of rows that are to stay; null: nothing.</summary>
    public Action? BeforeUpdate { get; set; }

    /// <summary>Are weights decayed? Default: as the optimizer was made.</summary>
    public bool Decay { get; set; } = true;

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
        Update(learningRate, total);
        return total;
    }

    void Update(double learningRate, double loss)
    {
        BeforeUpdate?.Invoke();
        double norm = optimizer.GradientNorm();
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            module.zero_grad();
            throw new InvalidOperationException($"training diverged: loss {loss}, gradient norm {norm}");
        }
        optimizer.Step(learningRate, norm > clipNorm ? clipNorm / norm : 1, Decay);
        module.zero_grad();
    }
}
