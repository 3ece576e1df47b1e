using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>The clicked impressions of a batch as pairs of a scene and a collaborative signal, such as the item clicked in it.</summary>
/// <remarks>P clicked impressions, d collaborative dimension.</remarks>
/// <param name="Scene">Scene vectors, [P,d].</param>
/// <param name="Signal">Collaborative signals, [P,d].</param>
/// <param name="SceneIds">Equal numbers for identical scenes, int64 [P].</param>
/// <param name="SignalIds">Equal numbers for identical signals, int64 [P].</param>
public readonly record struct ClickedPairs(Tensor Scene, Tensor Signal, Tensor SceneIds, Tensor SignalIds)
{
    /// <summary>Number of pairs P.</summary>
    public long Count => Scene.size(0);

    /// <summary>Picks the clicked rows of a batch.</summary>
    /// <param name="scenes">Vectors of the batch's distinct scenes, [S,d].</param>
    /// <param name="sceneOfRow">The scene of each row, int64 [B].</param>
    /// <param name="signals">Collaborative signal of each row, [B,d].</param>
    /// <param name="signalIds">Number of each row's signal, [B].</param>
    /// <param name="clicks">0/1 per row, [B].</param>
    public static ClickedPairs Of(Tensor scenes, Tensor sceneOfRow, Tensor signals, ReadOnlySpan<long> signalIds, ReadOnlySpan<byte> clicks)
    {
        var rows = new List<long>();
        var ids = new List<long>();
        for (int b = 0; b < clicks.Length; b++)
        {
            if (clicks[b] == 0) continue;
            rows.Add(b);
            ids.Add(signalIds[b]);
        }
        Tensor at = tensor(rows.ToArray(), device: scenes.device);
        Tensor sceneIds = sceneOfRow.index_select(0, at);
        return new ClickedPairs(scenes.index_select(0, sceneIds), signals.index_select(0, at), sceneIds, tensor(ids.ToArray(), device: scenes.device));
    }
}
