using System.Runtime.InteropServices;
using Larr.Kernels;
using Larr.Model;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr.Layers;

/// <summary>What the backward pass of <see cref="HiddenActivation"/> needs beside the values.</summary>
/// <param name="Keep">Factor of the values that dropout keeps.</param>
/// <param name="Mean">Mean of each column; zero without a normalisation, [H].</param>
/// <param name="Inverse">One over each column's deviation; one without a normalisation, [H].</param>
/// <param name="Weight">The normalisation's weights, or null, [H].</param>
sealed record ActivationState(float Keep, float[] Mean, float[] Inverse, float[]? Weight);

/// <summary>The mathematics of <see cref="HiddenActivation"/>: what the columns' coefficients are.</summary>
/// <typeparam name="TBefore">Type of x and dx.</typeparam>
/// <typeparam name="TAfter">Type of y and g.</typeparam>
static unsafe class ActivationPass<TBefore, TAfter>
    where TBefore : ILanes
    where TAfter : ILanes
{
    const double Momentum = .1, Epsilon = 1e-5;

    internal static ActivationState Forward(Tensor x, Tensor y, Tensor through, BatchNorm1d? norm, Tensor bias, DropoutMasks? dropout, int start)
    {
        int rows = (int)through.size(0), h = (int)bias.size(0);
        float[] mean = new float[h], inverse = new float[h], scale = new float[h], shift = Values(bias);
        float keep = dropout?.Keep ?? 1;
        float[]? weight = norm is null ? null : Values(norm.weight!);
        if (norm is null) Array.Fill(inverse, 1f);
        else Measure(Lie(x, h), rows, norm, mean, inverse);
        for (int j = 0; j < h; j++)
        {
            scale[j] = keep * (weight?[j] ?? 1) * inverse[j];
            shift[j] = keep * shift[j] - scale[j] * mean[j];
        }
        ActivationLoops<TBefore, TAfter>.Forward(Lie(x, h), Lie(y, h), rows, scale, shift, (ushort*)through.Address(), dropout?.Pool, start, get_num_threads());
        return new ActivationState(keep, mean, inverse, weight);
    }

    /// <summary>Fills dx; returns the gradients of the normalisation's weight and bias, or of the bias alone (the weight's is zero).</summary>
    internal static (float[] Weight, float[] Bias) Backward(Tensor g, Tensor x, Tensor dx, Tensor through, ActivationState state)
    {
        int rows = (int)through.size(0), h = state.Mean.Length, threads = get_num_threads();
        float[] scale = new float[h], slope = new float[h], offset = new float[h], dw = new float[h], db = new float[h];
        (double[] first, double[] second) = ActivationLoops<TBefore, TAfter>.GradientMoments(Lie(g, h), Lie(x, h), rows, (ushort*)through.Address(), state.Mean, threads);
        for (int j = 0; j < h; j++)
        {
            db[j] = (float)(state.Keep * first[j]);
            scale[j] = state.Keep;
            if (state.Weight is null) continue;
            // dx = γ·s·(g − mean(g) − x̂·mean(g·x̂)) with x̂ = (x − mean)·s
            double s = state.Inverse[j], bias = state.Keep * first[j], gain = state.Keep * second[j] * s, factor = state.Weight[j] * s;
            dw[j] = (float)gain;
            scale[j] = (float)(factor * state.Keep);
            slope[j] = (float)(-factor * s * gain / rows);
            offset[j] = (float)(-factor * bias / rows - slope[j] * state.Mean[j]);
        }
        ActivationLoops<TBefore, TAfter>.Backward(Lie(g, h), Lie(x, h), Lie(dx, h), rows, (ushort*)through.Address(), scale, slope, offset, threads);
        return (dw, db);
    }

    /// <summary>Moments of a batch; the running ones move towards them.</summary>
    static void Measure(Matrix x, int rows, BatchNorm1d norm, float[] mean, float[] inverse)
    {
        // Moments about the first row: no difference of large squares.
        float[] pivot = new float[mean.Length];
        for (int j = 0; j < pivot.Length; j++) pivot[j] = TBefore.Get((void*)x.At, j);
        (double[] first, double[] second) = ActivationLoops<TBefore, TAfter>.Moments(x, rows, pivot, get_num_threads());
        Span<float> runningMean = MemoryMarshal.Cast<byte, float>(norm.running_mean!.bytes), runningVariance = MemoryMarshal.Cast<byte, float>(norm.running_var!.bytes);
        for (int j = 0; j < mean.Length; j++)
        {
            double shifted = first[j] / rows, variance = Math.Max(0, second[j] / rows - shifted * shifted);
            mean[j] = (float)(pivot[j] + shifted);
            inverse[j] = (float)(1 / Math.Sqrt(variance + Epsilon));
            runningMean[j] += (float)(Momentum * (mean[j] - runningMean[j]));
            runningVariance[j] += (float)(Momentum * (variance * rows / Math.Max(1, rows - 1) - runningVariance[j]));
        }
    }

    static float[] Values(Tensor t) => MemoryMarshal.Cast<byte, float>(t.bytes).ToArray();

    static Matrix Lie(Tensor t, int columns) => new((nint)t.Address(), columns, (int)t.size(1), (int)t.size(0));
}
