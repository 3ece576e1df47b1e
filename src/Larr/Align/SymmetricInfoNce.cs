using Larr.Kernels;
using Larr.Model;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Larr.Align;

/// <summary>
/// InfoNCE (arXiv 1807.03748) of P pairs in both directions, from the cosines of every scene with every signal: the mean, over pairs and both directions, of
/// −log softmax of the pair's own score in its row and in its column. The scores are gone through three times instead of some thirty. The number of threads
/// changes no bit.
/// </summary>
/// <remarks>P pairs, P' = P rounded up to 16.</remarks>
static unsafe class SymmetricInfoNce
{
    const int BlockRows = 64;

    /// <summary>The mean loss, a scalar.</summary>
    /// <param name="cosines">float32 [P,P], P at least 1; the diagonal holds those of the positives.</param>
    /// <param name="temperature">What divides them.</param>
    /// <param name="same">Each a number for every pair, [P]: pairs with equal numbers are no negatives of each other.</param>
    internal static Tensor Loss(Tensor cosines, double temperature, params IReadOnlyList<long[]> same) =>
        Function.apply(cosines.contiguous(), temperature, same.Select(Renumbered).ToArray());

    sealed record State(SymmetricInfoNceLoops Loops, float[] Rows, float[] Columns);

    sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(SymmetricInfoNce);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (cosines, temperature, same) = ((Tensor)vars[0], (double)vars[1], (int[][])vars[2]);
            int pairs = (int)cosines.size(0), blocks = (pairs + BlockRows - 1) / BlockRows;
            var loops = new SymmetricInfoNceLoops(pairs, (float)(1 / temperature));
            Tensor scores = empty(pairs, loops.Padded);
            float* from = cosines.Floats(), s = scores.Floats();
            // Of each row, and of each column in each block of rows.
            float[] rowMost = new float[pairs], rowSum = new float[pairs], columnMost = new float[blocks * loops.Padded], columnSum = new float[blocks * loops.Padded];
            Run(pairs, (block, begin, end) => loops.Scores(from, same, begin, end, s, rowMost, columnMost.AsSpan(block * loops.Padded, loops.Padded)));
            float[] most = columnMost[..loops.Padded];
            for (int b = 1; b < blocks; b++) TensorPrimitives.Max<float>(most, columnMost.AsSpan(b * loops.Padded, loops.Padded), most);
            Run(pairs, (block, begin, end) => loops.Sums(s, begin, end, rowMost, most, rowSum, columnSum.AsSpan(block * loops.Padded, loops.Padded)));

            double loss = 0;
            float[] rows = new float[pairs], columns = new float[loops.Padded];
            Array.Fill(columns, float.PositiveInfinity);
            for (int i = 0; i < pairs; i++)
            {
                double column = 0;
                for (int b = 0; b < blocks; b++) column += columnSum[b * loops.Padded + i];
                double own = s[(long)i * loops.Padded + i], ofRow = rowMost[i] + Math.Log(rowSum[i]), ofColumn = most[i] + Math.Log(column);
                loss += (ofRow + ofColumn) / 2 - own;
                (rows[i], columns[i]) = ((float)ofRow, (float)ofColumn);
            }
            ctx.save_data(nameof(State), new State(loops, rows, columns));
            ctx.save_for_backward([scores]);
            return tensor((float)(loss / pairs));
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            var state = (State)ctx.get_data(nameof(State));
            Tensor scores = ctx.get_saved_variables()[0];
            int pairs = state.Rows.Length;
            Tensor ofCosines = empty(pairs, pairs);
            float* s = scores.Floats(), to = ofCosines.Floats();
            float factor = gradient.item<float>() / pairs;
            Run(pairs, (_, begin, end) => state.Loops.Gradient(s, begin, end, state.Rows, state.Columns, factor, to));
            return [ofCosines, null!, null!];
        }
    }

    static void Run(int pairs, Action<int, int, int> work) =>
        Chunks.Run(pairs, BlockRows, get_num_threads(), (begin, end) => work((int)(begin / BlockRows), (int)begin, (int)end));

    // From 0 on, in the order of their first appearance, so that 32 bits hold them; −1 beyond P.
    static int[] Renumbered(long[] numbers)
    {
        var seen = new Dictionary<long, int>();
        int[] renumbered = new int[Lanes.RoundUp(numbers.Length)];
        Array.Fill(renumbered, -1);
        for (int i = 0; i < numbers.Length; i++) renumbered[i] = seen.TryGetValue(numbers[i], out int known) ? known : seen[numbers[i]] = seen.Count;
        return renumbered;
    }
}
