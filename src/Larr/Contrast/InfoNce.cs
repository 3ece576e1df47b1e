using static TorchSharp.torch;

namespace Larr.Contrast;

/// <summary>
/// InfoNCE (arXiv 1807.03748) with in-batch and further negatives: −(1/B) Σ_i log softmax_j( q_i·k_j / τ − log Q_j )_i.
/// Shapes: B queries, K ≥ B keys, D dimension of the embedding.
/// </summary>
/// <remarks>
/// As keys are drawn in proportion to their popularity, the score q·k/τ estimates pointwise mutual information, log P(k|q)/P(k), which popularity
/// does not move. With log Q (Q_j: probability that key j is drawn) it estimates log P(k|q) instead, as a retriever of the likeliest item wants it.
/// </remarks>
public static class InfoNce
{
    /// <summary>The mean loss, a scalar.</summary>
    /// <param name="queries">[B,D], unit length.</param>
    /// <param name="keys">[K,D], unit length; key i is the positive of query i, keys from B on are negatives of all.</param>
    /// <param name="temperature">τ, a scalar tensor.</param>
    /// <param name="excluded">[B,K] bool, true where key j is no negative of query i; false on the diagonal. Null: none.</param>
    /// <param name="logQ">[K], log Q_j of each key. Null: nothing is taken off.</param>
    public static Tensor Loss(Tensor queries, Tensor keys, Tensor temperature, Tensor? excluded = null, Tensor? logQ = null)
    {
        using var scope = NewDisposeScope();
        Tensor scores = queries.matmul(keys.t()) / temperature; // [B,K]
        if (logQ is not null) scores = scores - logQ;
        if (excluded is not null) scores = scores.masked_fill(excluded, float.NegativeInfinity);
        return nn.functional.cross_entropy(scores, arange(queries.size(0), device: queries.device)).MoveToOuterDisposeScope();
    }
}
