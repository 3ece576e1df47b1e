using Larr.Kernels;
using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Ctr.Layers;

/// <summary>
/// The products of hidden layers in bfloat16, on sizes that are multiples of a block: processors with tile units work in blocks of 32, and every rest of one is
/// copied first, which costs up to half of the time of a product. Vectors hold 16 columns; there more padding would only be more work. What pads a matrix is zero and stays so.
/// </summary>
/// <remarks>B rows, I inputs, H outputs; B', I', H' the next multiples of the block.</remarks>
static unsafe class TiledProduct
{
    static readonly int s_block = PrecisionTypes.HasTiles ? 32 : 16;

    /// <summary>x [B,I] float32 → [B',I'] bfloat16.</summary>
    internal static Tensor Pad(Tensor x) => Padding.apply(x.contiguous());

    /// <summary>x [B',I'] times the transposed weight [H,I] float32, rounded to bfloat16 → [B',H'].</summary>
    internal static Tensor Apply(Tensor x, Tensor weight) => Product.apply(x, weight);

    static Tensor Padded(Tensor x)
    {
        Tensor padded = empty([Up(x.size(0)), Up(x.size(1))], dtype: ScalarType.BFloat16);
        MatrixCopy.Run<Float32Lanes, BFloat16Lanes>(Lie(x), Lie(padded), get_num_threads());
        return padded;
    }

    static Tensor Cut(Tensor padded, long rows, long columns)
    {
        Tensor x = empty(rows, columns);
        MatrixCopy.Run<BFloat16Lanes, Float32Lanes>(Lie(padded), Lie(x), get_num_threads());
        return x;
    }

    static long Up(long size) => (size + s_block - 1) / s_block * s_block;

    static Matrix Lie(Tensor t) => new((nint)t.Address(), (int)t.size(1), (int)t.size(1), (int)t.size(0));

    sealed class Padding : autograd.SingleTensorFunction<Padding>
    {
        public override string Name => nameof(Padding);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            ctx.save_data(nameof(x.shape), x.shape);
            return Padded(x);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            long[] shape = (long[])ctx.get_data(nameof(gradient.shape));
            using Tensor g = gradient.contiguous();
            return [Cut(g, shape[0], shape[1])];
        }
    }

    sealed class Product : autograd.SingleTensorFunction<Product>
    {
        public override string Name => nameof(TiledProduct);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, weight) = ((Tensor)vars[0], (Tensor)vars[1]);
            Tensor w = Padded(weight); // [H',I']
            ctx.save_for_backward([x, w]);
            ctx.save_data(nameof(weight.shape), weight.shape);
            return nn.functional.linear(x, w);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor g) // [B',H']
        {
            using var scope = NewDisposeScope();
            List<Tensor> saved = ctx.get_saved_variables();
            (Tensor x, Tensor w) = (saved[0], saved[1]);
            long[] shape = (long[])ctx.get_data(nameof(g.shape));
            return [g.mm(w).MoveToOuterDisposeScope(), Cut(g.t().mm(x), shape[0], shape[1]).MoveToOuterDisposeScope()];
        }
    }
}
