using Larr.Kernels;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Runs of tokens as a mask and positions, for devices that the kernels do not run on. Shapes: B rows, T tokens.</summary>
public static class RunMask
{
    /// <summary>
    /// The block-diagonal causal mask [B,1,T,T] float32 (0 within a run and not ahead, else −∞; tokens outside all runs see
    /// themselves) and each token's position in its run [B,T] int64.
    /// </summary>
    /// <param name="runs">Runs among the B·T tokens, none across a row's end.</param>
    /// <param name="rows">B.</param>
    /// <param name="length">T.</param>
    /// <param name="device">Where to.</param>
    public static (Tensor Mask, Tensor Positions) Of(IReadOnlyList<TokenRun> runs, int rows, int length, Device device)
    {
        using var scope = NewDisposeScope();
        long[] run = new long[rows * length], position = new long[rows * length];
        for (int t = 0; t < run.Length; t++) run[t] = -1 - t;
        for (int r = 0; r < runs.Count; r++)
            for (int t = 0; t < runs[r].Length; t++) (run[runs[r].Begin + t], position[runs[r].Begin + t]) = (r, t);
        Tensor number = tensor(run, [rows, length], device: device);
        Tensor causal = ones(length, length, ScalarType.Bool, device: device).tril();
        Tensor visible = number.unsqueeze(1).eq(number.unsqueeze(2)).logical_and(causal); // [B,T,T]
        Tensor mask = zeros([rows, length, length], device: device).masked_fill(visible.logical_not(), float.NegativeInfinity).unsqueeze(1);
        return (mask.MoveToOuterDisposeScope(), tensor(position, [rows, length], device: device).MoveToOuterDisposeScope());
    }
}
