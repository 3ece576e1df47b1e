namespace Larr.Ctr;

/// <summary>What the table says about the rows of a batch, in plain arrays: made on any thread, before tensors are.</summary>
/// <remarks>B rows, F categorical fields, K behaviours, L longest history of the batch.</remarks>
/// <param name="Rows">Row numbers in the table, [B].</param>
/// <param name="Ids">Rows of the embedding table: of the fields [B·F], then of the histories [K·B·L]; negative where a history has no item.</param>
/// <param name="Present">1 where a history has an item, [K·B·L].</param>
/// <param name="HistoryLength">L; 0 without behaviours.</param>
/// <param name="Clicks">Click labels, [B].</param>
/// <param name="Conversions">Conversion labels, [B]; empty where the data has none.</param>
public sealed record CtrRows(ReadOnlyMemory<int> Rows, int[] Ids, float[] Present, int HistoryLength, byte[] Clicks, byte[] Conversions);
