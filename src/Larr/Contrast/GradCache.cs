using static TorchSharp.torch;

namespace Larr.Contrast;

/// <summary>
/// GradCache (arXiv 2101.06983): the gradient of a batch of thousands in the memory of a few texts. All texts are embedded without a graph; the loss gives the
/// gradient of every vector; then part after part is embedded again with a graph and its vectors' gradients are sent back through it. The
/// gradients are those of the plain way, at the price of a second forward pass.
/// </summary>
/// <param name="texts">The encoder.</param>
/// <param name="budget">Tokens of a part; a single longer text is a part of its own.</param>
sealed class GradCache(BatchEncoder texts, int budget)
{
    /// <summary>
    /// Losses to differentiate one after the other: first <paramref name="loss"/> of the vectors [N,D] of <paramref name="distinct"/>, then one per part whose value is 0 and
    /// whose gradient is what the first left for it.
    /// </summary>
    public IReadOnlyList<Func<Tensor>> Losses(IReadOnlyList<int> distinct, Func<Tensor, Tensor> loss)
    {
        Tensor? leaf = null;
        int[][] parts = Parts(distinct);
        return
        [
            () =>
            {
                using (no_grad()) leaf = texts.Encode(distinct).DetachFromDisposeScope();
                leaf.requires_grad = true;
                return loss(leaf);
            },
            .. parts.Select((part, p) => (Func<Tensor>)(() =>
            {
                Tensor gradient = leaf!.grad!.index_select(0, tensor(part.Select(i => (long)i).ToArray(), device: leaf.device)); // [n,D]
                Tensor sent = (texts.Encode([.. part.Select(i => distinct[i])]) * gradient).sum();
                if (p == parts.Length - 1) leaf.Dispose();
                return sent - sent.detach();
            })),
        ];
    }

    int[][] Parts(IReadOnlyList<int> distinct)
    {
        var parts = new List<int[]>();
        var part = new List<int>();
        int tokens = 0;
        foreach (int i in Enumerable.Range(0, distinct.Count).OrderBy(i => texts.LengthOf(distinct[i])).ThenBy(i => i))
        {
            if (part.Count > 0 && tokens + texts.LengthOf(distinct[i]) > budget)
            {
                parts.Add([.. part]);
                part.Clear();
                tokens = 0;
            }
            part.Add(i);
            tokens += texts.LengthOf(distinct[i]);
        }
        parts.Add([.. part]);
        return [.. parts];
    }
}
