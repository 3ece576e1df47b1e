using Larr.Kernels;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary><see cref="RmsNormKernel{T}"/> with gradients.</summary>
static unsafe class RmsNormFunction
{
    /// <summary>The norm of x [..., D] float32 in <paramref name="type"/>.</summary>
    public static Tensor Normalise(Tensor x, Tensor weight, double epsilon, ScalarType type) => Norm.apply(x.contiguous(), weight, epsilon, type);

    /// <summary>x + a, and its norm in the type of a.</summary>
    public static (Tensor Sum, Tensor Norm) AddAndNormalise(Tensor x, Tensor a, Tensor weight, double epsilon)
    {
        List<Tensor> both = AddNorm.apply(x.contiguous(), a.contiguous(), weight, epsilon);
        return (both[0], both[1]);
    }

    static void Forward(Tensor x, Tensor? a, Tensor weight, Tensor? sum, Tensor norm, double epsilon)
    {
        int d = (int)x.size(-1), threads = get_num_threads();
        long n = x.numel() / d;
        void* added = a is null ? null : a.Address();
        float* summed = sum is null ? null : sum.Floats();
        if (norm.dtype == ScalarType.BFloat16) RmsNormKernel<BFloat16Lanes>.Forward(x.Floats(), added, weight.Floats(), summed, norm.Address(), n, d, (float)epsilon, threads);
        else RmsNormKernel<Float32Lanes>.Forward(x.Floats(), added, weight.Floats(), summed, norm.Address(), n, d, (float)epsilon, threads);
    }

    /// <summary>Gradients of the stream, of what was added, and of the weight.</summary>
    static (Tensor Stream, Tensor? Added, Tensor Weight) Backward(Tensor stream, Tensor weight, Tensor ofNorm, Tensor? ofSum, bool added, double epsilon)
    {
        int d = (int)stream.size(-1), threads = get_num_threads();
        long n = stream.numel() / d;
        ofNorm = ofNorm.contiguous();
        ofSum = ofSum?.contiguous();
        Tensor gx = empty(stream.shape), gw = empty(d);
        Tensor? ga = added ? empty(stream.shape, dtype: ofNorm.dtype) : null;
        float* above = ofSum is null ? null : ofSum.Floats();
        void* below = ga is null ? null : ga.Address();
        if (ofNorm.dtype == ScalarType.BFloat16) RmsNormKernel<BFloat16Lanes>.Backward(stream.Floats(), weight.Floats(), ofNorm.Address(), above, gx.Floats(), below, gw.Floats(), n, d, (float)epsilon, threads);
        else RmsNormKernel<Float32Lanes>.Backward(stream.Floats(), weight.Floats(), ofNorm.Address(), above, gx.Floats(), below, gw.Floats(), n, d, (float)epsilon, threads);
        return (gx, ga, gw);
    }

    sealed class Norm : autograd.SingleTensorFunction<Norm>
    {
        public override string Name => nameof(RmsNorm);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, weight, epsilon, type) = ((Tensor)vars[0], (Tensor)vars[1], (double)vars[2], (ScalarType)vars[3]);
            Tensor norm = empty(x.shape, dtype: type);
            Forward(x, null, weight, null, norm, epsilon);
            ctx.save_for_backward([x, weight]);
            ctx.save_data("epsilon", epsilon);
            return norm;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            using var scope = NewDisposeScope();
            List<Tensor> saved = ctx.get_saved_variables();
            (Tensor x, _, Tensor weight) = Backward(saved[0], saved[1], gradient, null, added: false, (double)ctx.get_data("epsilon"));
            return [x.MoveToOuterDisposeScope(), weight.MoveToOuterDisposeScope(), null!, null!];
        }
    }

    sealed class AddNorm : autograd.MultiTensorFunction<AddNorm>
    {
        public override string Name => nameof(AddNorm);

        public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, a, weight, epsilon) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (double)vars[3]);
            Tensor sum = empty(x.shape), norm = empty(x.shape, dtype: a.dtype);
            Forward(x, a, weight, sum, norm, epsilon);
            ctx.save_for_backward([sum, weight]);
            ctx.save_data("epsilon", epsilon);
            return [sum, norm];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> gradients)
        {
            using var scope = NewDisposeScope();
            List<Tensor> saved = ctx.get_saved_variables();
            (Tensor x, Tensor? a, Tensor weight) = Backward(saved[0], saved[1], gradients[1], gradients[0], added: true, (double)ctx.get_data("epsilon"));
            return [x.MoveToOuterDisposeScope(), a!.MoveToOuterDisposeScope(), weight.MoveToOuterDisposeScope(), null!];
        }
    }
}
