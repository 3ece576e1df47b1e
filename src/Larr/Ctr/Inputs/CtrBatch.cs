using Larr.Align;
using static TorchSharp.torch;

namespace Larr.Ctr.Inputs;

/// <summary>The tensors of one batch of impressions.</summary>
/// <remarks>B rows, F fields of one value, K sequences (behaviours, then tags), L sequence length, d embedding dimension.</remarks>
public sealed class CtrBatch
{
    /// <summary>Number of rows B.</summary>
    public required int Rows { get; init; }

    /// <summary>Number of fields F.</summary>
    public required int Fields { get; init; }

    /// <summary>Rows of the embedding table behind <see cref="Gathered"/>; negative where a history has no item.</summary>
    public required int[] Ids { get; init; }

    /// <summary>
    /// The gathered rows, [B·F + K·B·L, d], or d + 1 where each row ends with its first-order weight: the leaf whose gradient the sparse
    /// optimiser takes.
    /// </summary>
    public required Tensor Gathered { get; init; }

    /// <summary>Of <see cref="Gathered"/>: the rows of the fields, [B,F,d or d + 1], scaled where a field is a scaled number.</summary>
    public required Tensor FieldRows { get; init; }

    /// <summary>Of <see cref="Gathered"/>: the rows of each sequence, [B,L,d or d + 1].</summary>
    public required IReadOnlyList<Tensor> SequenceRows { get; init; }

    /// <summary>1 where a sequence has an element, [K,B,L]; null without sequences.</summary>
    public Tensor? Mask { get; init; }

    /// <summary>The scenes; null without scene vectors.</summary>
    public SceneBatch? Scenes { get; init; }

    /// <summary>Frozen text vectors of each row's item or user, one matrix [B,D] per text feature; null without any.</summary>
    public IReadOnlyList<Tensor>? Texts { get; init; }

    /// <summary>Frozen vectors made elsewhere, per embedding field [B,D] and [B,1] with 1 where there is none; null without any.</summary>
    public IReadOnlyList<(Tensor Vectors, Tensor Absent)>? Vectors { get; init; }

    /// <summary>The embedding row of a field in each row, [B].</summary>
    public int[] IdsOf(int field)
    {
        int[] ids = new int[Rows];
        for (int b = 0; b < Rows; b++) ids[b] = Ids[b * Fields + field];
        return ids;
    }
}
