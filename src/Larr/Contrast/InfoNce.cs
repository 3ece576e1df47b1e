using static TorchSharp.torch;

namespace Larr.Contrast;

/// <summary>
/// InfoNCE (arXiv 1807.03748) with in-batch negatives, excluded pairs and the correction for sampled negatives:
/// −(1/B) Σ_i log softmax_j( q_i·k_j / τ − log Q_j )_i.
/// Shapes: B pairs, D dimension of the embedding.
/// </summary>
/// <remarks>
/// Q_j is the probability that key j is drawn (logQ correction, sampled softmax): without it a popular item is pushed away from everybody because
/// it is a negative so often. It is added to the positive too, so that the score estimates pointwise mutual information.
/// </remarks>
public static class InfoNce
{
    /// <summary>The mean loss, a scalar.</summary>
    /// <param name="queries">[B,D], unit length.</param>
    /// <param name="keys">[B,D], unit length; key i is the positive of query i.</param>
    /// <param name="temperature">τ, a scalar tensor.</param>
    /// <param name="excluded">[B,B] bool, true where key j is no negative of query i; false on the diagonal. Null: none.</param>
    /// <param name="logQ">[B], log Q_j of each key. Null: all keys are equally likely.</param>
    public static Tensor Loss(Tensor queries, Tensor keys, Tensor temperature, Tensor? excluded = null, Tensor? logQ = null)
    {
        using var scope = NewDisposeScope();
        Tensor scores = queries.matmul(keys.t()) / temperature; // [B,B]
        if (logQ is not null) scores = scores - logQ;
        if (excluded is not null) scores = scores.masked_fill(excluded, float.NegativeInfinity);
        return nn.functional.cross_entropy(scores, arange(queries.size(0), device: queries.device)).MoveToOuterDisposeScope();
    }
}
