using Larr.Kernels;
using static TorchSharp.torch;

namespace Larr.Pretrain;

/// <summary>Some packed rows. Shapes: B rows, T tokens.</summary>
/// <param name="Ids">Token ids [B,T] int64.</param>
/// <param name="Runs">The documents among the B·T tokens; padding is in none.</param>
/// <param name="Next">Token to predict [B·T] int64, or <see cref="TargetSegments.Ignored"/>.</param>
public sealed record PackedBatch(Tensor Ids, IReadOnlyList<TokenRun> Runs, Tensor Next)
{
    /// <summary>Builds the batch of the given rows; the tensors belong to the caller's scope.</summary>
    public static PackedBatch Of(PackedRows rows, ReadOnlySpan<int> chosen, TargetSegments segments, Device? device = null)
    {
        int length = rows.Length, size = chosen.Length * length;
        long[] ids = new long[size], next = new long[size];
        List<TokenRun> runs = [];
        for (int b = 0; b < chosen.Length; b++)
        {
            ReadOnlySpan<int> rowIds = rows.Ids.AsSpan(chosen[b] * length, length), documents = rows.Documents.AsSpan(chosen[b] * length, length);
            segments.Next(rowIds, documents, next.AsSpan(b * length, length));
            for (int t = 0; t < length; t++) ids[b * length + t] = rowIds[t];
            for (int begin = 0, end; begin < length; begin = end)
            {
                for (end = begin + 1; end < length && documents[end] == documents[begin]; end++) { }
                if (documents[begin] != PackedRows.Padding) runs.Add(new TokenRun(b * length + begin, end - begin));
            }
        }
        return new PackedBatch(tensor(ids, [chosen.Length, length], device: device), runs, tensor(next, device: device));
    }
}
