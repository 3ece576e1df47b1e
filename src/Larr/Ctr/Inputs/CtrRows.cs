namespace Larr.Ctr.Inputs;

/// <summary>What the table says about the rows of a batch, in plain arrays: made on any thread, before tensors are.</summary>
/// <remarks>B rows, F fields of one value, K sequences (behaviours, then tags), L longest sequence of the batch.</remarks>
/// <param name="Rows">Row numbers in the table, [B].</param>
/// <param name="Ids">Rows of the embedding table: of the fields [B·F], then of the sequences [K·B·L]; negative where a sequence has no element.</param>
/// <param name="Scales">What the fields' embeddings are multiplied by, [B·F]; empty where there is no scaled number.</param>
/// <param name="Present">1 where a sequence has an element, [K·B·L].</param>
/// <param name="Length">L; 0 without sequences.</param>
/// <param name="Clicks">Click labels, [B].</param>
/// <param name="Conversions">Conversion labels, [B]; empty where the data has none.</param>
public sealed record CtrRows(ReadOnlyMemory<int> Rows, int[] Ids, float[] Scales, float[] Present, int Length, byte[] Clicks, byte[] Conversions);
