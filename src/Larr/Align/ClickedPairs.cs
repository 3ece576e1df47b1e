using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>The clicked impressions of a batch as pairs of a scene and the item clicked in it.</summary>
/// <remarks>P clicked impressions, d collaborative dimension.</remarks>
/// <param name="Scene">Scene vectors, [P,d].</param>
/// <param name="Item">Collaborative embeddings of the items, [P,d].</param>
/// <param name="SceneIds">Equal numbers for identical scenes, int64 [P].</param>
/// <param name="ItemIds">Equal numbers for identical items, int64 [P].</param>
public readonly record struct ClickedPairs(Tensor Scene, Tensor Item, Tensor SceneIds, Tensor ItemIds)
{
    /// <summary>Number of pairs P.</summary>
    public long Count => Scene.size(0);

    /// <summary>Picks the clicked rows of a batch.</summary>
    /// <param name="scenes">Vectors of the batch's distinct scenes, [S,d].</param>
    /// <param name="sceneOfRow">The scene of each row, int64 [B].</param>
    /// <param name="items">Embedding of each row's item, [B,d].</param>
    /// <param name="itemIds">Number of each row's item, [B].</param>
    /// <param name="clicks">0/1 per row, [B].</param>
    public static ClickedPairs Of(Tensor scenes, Tensor sceneOfRow, Tensor items, ReadOnlySpan<int> itemIds, ReadOnlySpan<byte> clicks)
    {
        var rows = new List<long>();
        var ids = new List<long>();
        for (int b = 0; b < clicks.Length; b++)
        {
            if (clicks[b] == 0) continue;
            rows.Add(b);
            ids.Add(itemIds[b]);
        }
        Tensor at = tensor(rows.ToArray(), device: scenes.device);
        Tensor sceneIds = sceneOfRow.index_select(0, at);
        return new ClickedPairs(scenes.index_select(0, sceneIds), items.index_select(0, at), sceneIds, tensor(ids.ToArray(), device: scenes.device));
    }
}
