using Larr.Model;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr.Layers;

/// <summary>
/// The heads on hidden values in bfloat16, with float32 weights, sums and results: the few outputs make it a matter of reading the hidden values once, and
/// a copy of them in float32 would cost more.
/// </summary>
/// <remarks>B rows, H hidden values, K outputs; B' and H' with the padding of <see cref="TiledProduct"/>.</remarks>
static unsafe class HeadProduct
{
    /// <summary>x [B',H'] bfloat16 → [B,K] float32.</summary>
    internal static Tensor Apply(Tensor x, int rows, Linear heads) => Function.apply(x, heads.weight!, heads.bias!, rows);

    static Matrix Lie(Tensor x, Tensor weight) => new((nint)x.Address(), (int)weight.size(1), (int)x.size(1), (int)x.size(0));

    sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(HeadProduct);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, weight, bias, rows) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (int)vars[3]);
            int outputs = (int)weight.size(0);
            Tensor y = empty(rows, outputs);
            HeadLoops.Forward(Lie(x, weight), rows, weight.Floats(), bias.Floats(), outputs, y.Floats(), get_num_threads());
            ctx.save_for_backward([x, weight]);
            return y;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            using Tensor g = gradient.contiguous();
            List<Tensor> saved = ctx.get_saved_variables();
            (Tensor x, Tensor weight) = (saved[0], saved[1]);
            Tensor dx = empty_like(x);
            (float[] dw, float[] db) = HeadLoops.Backward(Lie(x, weight), Lie(dx, weight), (int)g.size(0), weight.Floats(), (int)weight.size(0), g.Floats(), get_num_threads());
            using Tensor flat = tensor(dw);
            return [dx, flat.view(weight.shape), tensor(db), null!];
        }
    }
}
