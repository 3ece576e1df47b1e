using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>
/// What follows the matrix product of a hidden layer in training, in one differentiable operation: batch normalisation (arXiv 1502.03167) where wanted, ReLU, dropout.
/// As separate operations these cost more than the product; here each value is read once for its column's moments and once for the result, and
/// the same backward. Runs on the CPU, in float32 or bfloat16, with sums in float32 and float64.
/// </summary>
/// <remarks>B rows, H hidden values.</remarks>
static class HiddenActivation
{
    /// <summary>x [B,H] → dropout(relu(norm(x))) [B,H]; the running moments of <paramref name="norm"/> move.</summary>
    /// <param name="x">float32 or bfloat16, contiguous.</param>
    /// <param name="norm">The normalisation's weights, or null.</param>
    /// <param name="dropout">Which values are dropped, or null.</param>
    internal static Tensor Apply(Tensor x, BatchNorm1d? norm, DropoutMasks? dropout)
    {
        int start = dropout?.Next((int)x.numel()) ?? 0;
        using Tensor one = ones(1);
        return Function.apply(x, norm?.weight ?? one, norm?.bias ?? one, norm!, dropout!, start);
    }

    sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(HiddenActivation);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, norm, dropout, start) = ((Tensor)vars[0], (BatchNorm1d?)vars[3], (DropoutMasks?)vars[4], (int)vars[5]);
            using var scope = NewDisposeScope();
            int h = (int)x.size(1);
            float keep = dropout?.Keep ?? 1;
            float[] mean = new float[h], inverse = new float[h], scale = new float[h], shift = new float[h];
            Array.Fill(inverse, 1f);
            Array.Fill(scale, keep);
            if (norm is not null) Normalise(x, norm, keep, mean, inverse, scale, shift);
            Tensor y = empty_like(x);
            if (x.dtype == ScalarType.BFloat16) Forward<ushort, BFloat16Lane>(x, y, scale, shift, dropout?.Pool, start);
            else Forward<float, FloatLane>(x, y, scale, shift, dropout?.Pool, start);
            // Saved tensors are taken up after this method has returned.
            float[] weight = norm is null ? [] : Floats(norm.weight!);
            Tensor state = tensor([keep, .. mean, .. inverse, .. weight]).MoveToOuterDisposeScope();
            ctx.save_for_backward([x, y.MoveToOuterDisposeScope(), state]);
            return y;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            using Tensor g = gradient.contiguous();
            (Tensor x, Tensor y, float[] state) = (saved[0], saved[1], Floats(saved[2]));
            int rows = (int)x.size(0), h = (int)x.size(1);
            (float keep, float[] mean, float[] inverse, float[] weight) = (state[0], state[1..(h + 1)], state[(h + 1)..(2 * h + 1)], state[(2 * h + 1)..]);
            float[] scale = new float[h], slope = new float[h], offset = new float[h];
            Array.Fill(scale, keep);
            Tensor? weightGradient = null, biasGradient = null;
            if (weight.Length > 0)
            {
                float[] dw = new float[h], db = new float[h];
                (double[] first, double[] second) = x.dtype == ScalarType.BFloat16
                    ? GradientMoments<ushort, BFloat16Lane>(g, x, y, mean)
                    : GradientMoments<float, FloatLane>(g, x, y, mean);
                for (int j = 0; j < h; j++)
                {
                    // dx = γ·s·(g − mean(g) − x̂·mean(g·x̂)) with x̂ = (x − mean)·s
                    double s = inverse[j], bias = keep * first[j], gain = keep * second[j] * s, factor = weight[j] * s;
                    (db[j], dw[j]) = ((float)bias, (float)gain);
                    scale[j] = (float)(factor * keep);
                    slope[j] = (float)(-factor * s * gain / rows);
                    offset[j] = (float)(-factor * bias / rows - slope[j] * mean[j]);
                }
                (weightGradient, biasGradient) = (tensor(dw), tensor(db));
            }
            Tensor dx = empty_like(x);
            if (x.dtype == ScalarType.BFloat16) Backward<ushort, BFloat16Lane>(g, x, y, dx, scale, slope, offset);
            else Backward<float, FloatLane>(g, x, y, dx, scale, slope, offset);
            return [dx, weightGradient!, biasGradient!, null!, null!, null!];
        }
    }

    /// <summary>Moments of a batch, the running ones moved towards them, and the affine map that normalises.</summary>
    static void Normalise(Tensor x, BatchNorm1d norm, float keep, float[] mean, float[] inverse, float[] scale, float[] shift)
    {
        int rows = (int)x.size(0), h = (int)x.size(1);
        // Moments about the first row: no difference of large squares.
        using Tensor firstRow = x[0].to(float32);
        float[] pivot = Floats(firstRow);
        (double[] first, double[] second) = x.dtype == ScalarType.BFloat16 ? Moments<ushort, BFloat16Lane>(x, pivot) : Moments<float, FloatLane>(x, pivot);
        float[] weight = Floats(norm.weight!), bias = Floats(norm.bias!);
        Span<float> runningMean = MemoryMarshal.Cast<byte, float>(norm.running_mean!.bytes), runningVariance = MemoryMarshal.Cast<byte, float>(norm.running_var!.bytes);
        const double momentum = .1, epsilon = 1e-5;
        for (int j = 0; j < h; j++)
        {
            double shifted = first[j] / rows, variance = Math.Max(0, second[j] / rows - shifted * shifted);
            mean[j] = (float)(pivot[j] + shifted);
            inverse[j] = (float)(1 / Math.Sqrt(variance + epsilon));
            scale[j] = keep * weight[j] * inverse[j];
            shift[j] = keep * bias[j] - scale[j] * mean[j];
            runningMean[j] += (float)(momentum * (mean[j] - runningMean[j]));
            runningVariance[j] += (float)(momentum * (variance * rows / Math.Max(1, rows - 1) - runningVariance[j]));
        }
    }

    static float[] Floats(Tensor t) => MemoryMarshal.Cast<byte, float>(t.bytes).ToArray();

    static unsafe T* At<T>(Tensor t) where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(t.bytes));

    static unsafe (double[], double[]) Moments<T, TLane>(Tensor x, float[] pivot) where T : unmanaged where TLane : ILane<T> =>
        ActivationLoops<T, TLane>.Moments(At<T>(x), (int)x.size(0), (int)x.size(1), pivot, get_num_threads());

    static unsafe void Forward<T, TLane>(Tensor x, Tensor y, float[] scale, float[] shift, short[]? mask, int start) where T : unmanaged where TLane : ILane<T> =>
        ActivationLoops<T, TLane>.Forward(At<T>(x), At<T>(y), (int)x.size(0), (int)x.size(1), scale, shift, mask, start, get_num_threads());

    static unsafe (double[], double[]) GradientMoments<T, TLane>(Tensor g, Tensor x, Tensor y, float[] mean) where T : unmanaged where TLane : ILane<T> =>
        ActivationLoops<T, TLane>.GradientMoments(At<T>(g), At<T>(x), At<T>(y), (int)x.size(0), (int)x.size(1), mean, get_num_threads());

    static unsafe void Backward<T, TLane>(Tensor g, Tensor x, Tensor y, Tensor dx, float[] scale, float[] slope, float[] offset) where T : unmanaged where TLane : ILane<T> =>
        ActivationLoops<T, TLane>.Backward(At<T>(g), At<T>(x), At<T>(y), At<T>(dx), (int)x.size(0), (int)x.size(1), scale, slope, offset, get_num_threads());
}
