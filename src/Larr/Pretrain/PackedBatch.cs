using static TorchSharp.torch;

namespace Larr.Pretrain;

/// <summary>Tensors of some packed rows. Shapes: B rows, T tokens.</summary>
/// <param name="Ids">Token ids [B,T] int64.</param>
/// <param name="Mask">Block-diagonal causal mask [B,1,T,T] float32: 0 within a document and not ahead, else −∞. Padding sees itself.</param>
/// <param name="Positions">Position within the document [B,T] int64.</param>
/// <param name="Next">Token to predict [B·T] int64, or <see cref="TargetSegments.Ignored"/>.</param>
public sealed record PackedBatch(Tensor Ids, Tensor Mask, Tensor Positions, Tensor Next)
{
    /// <summary>Builds the batch of the given rows; the tensors belong to the caller's scope.</summary>
    public static PackedBatch Of(PackedRows rows, ReadOnlySpan<int> chosen, TargetSegments segments, Device? device = null)
    {
        using var scope = NewDisposeScope();
        int length = rows.Length, size = chosen.Length * length;
        long[] ids = new long[size], documents = new long[size], positions = new long[size], next = new long[size];
        for (int b = 0; b < chosen.Length; b++)
        {
            ReadOnlySpan<int> rowIds = rows.Ids.AsSpan(chosen[b] * length, length), rowDocuments = rows.Documents.AsSpan(chosen[b] * length, length);
            segments.Next(rowIds, rowDocuments, next.AsSpan(b * length, length));
            for (int t = 0, position = 0; t < length; t++, position++)
            {
                if (t > 0 && rowDocuments[t] != rowDocuments[t - 1]) position = 0;
                ids[b * length + t] = rowIds[t];
                documents[b * length + t] = rowDocuments[t];
                positions[b * length + t] = position;
            }
        }
        Tensor document = tensor(documents, [chosen.Length, length], device: device);
        Tensor causal = ones(length, length, ScalarType.Bool, device: device).tril();
        Tensor visible = document.unsqueeze(1).eq(document.unsqueeze(2)).logical_and(causal); // [B,T,T]
        Tensor mask = zeros([chosen.Length, length, length], device: device).masked_fill(visible.logical_not(), float.NegativeInfinity).unsqueeze(1);
        return new PackedBatch(
            tensor(ids, [chosen.Length, length], device: device).MoveToOuterDisposeScope(),
            mask.MoveToOuterDisposeScope(),
            tensor(positions, [chosen.Length, length], device: device).MoveToOuterDisposeScope(),
            tensor(next, device: device).MoveToOuterDisposeScope());
    }
}
