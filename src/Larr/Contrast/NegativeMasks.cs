namespace Larr.Contrast;

/// <summary>
/// Which sides of other pairs in a batch are no negatives. For left i against right j: the same text or identity as the right side of i (the
/// positive again) or as the left side of i (itself), and, unless <see cref="PairKind.SceneItem"/>, every right side of the same left identity (another
/// positive of it), nor what could not have been chosen (<see cref="Exposure"/>). For right i against left j likewise; there, scene values of other fields are no negatives either: it can rain at lunch.
/// </summary>
public static class NegativeMasks
{
    /// <summary>Row-major [B,B+H]: true where right j, or hard negative j − B, is no negative of left i.</summary>
    public static bool[] Forward(DrawnBatch drawn)
    {
        (PairSet set, Pair[] batch, int[] hard) = drawn;
        bool[] own = Of(batch, (i, j) => Same(i.Right, i.RightId, j.Right, j.RightId) || Same(i.Left, i.LeftId, j.Right, j.RightId)
            || (set.Kind != PairKind.SceneItem && Same(i.Left, i.LeftId, j.Left, j.LeftId)) || !set.Met(i, j.Right));
        if (hard.Length == 0) return own;
        int width = batch.Length + hard.Length;
        bool[] mask = new bool[batch.Length * width];
        for (int i = 0; i < batch.Length; i++)
        {
            own.AsSpan(i * batch.Length, batch.Length).CopyTo(mask.AsSpan(i * width));
            for (int h = 0; h < hard.Length; h++)
                mask[i * width + batch.Length + h] = hard[h] == batch[i].Left || set.IsPositive(batch[i], hard[h]) || !set.Met(batch[i], hard[h]);
        }
        return mask;
    }

    /// <summary>Row-major [B,B]: true where left j is no negative of right i.</summary>
    public static bool[] Backward(PairSet set, Pair[] batch) => Of(batch, (i, j) =>
        Same(i.Left, i.LeftId, j.Left, j.LeftId) || Same(i.Right, i.RightId, j.Left, j.LeftId) || i.Group != j.Group
        || (set.Kind != PairKind.SceneItem && Same(i.Right, i.RightId, j.Right, j.RightId)) || !set.Met(j, i.Right));

    static bool Same(int text, int id, int otherText, int otherId) => text == otherText || id == otherId;

    static bool[] Of(Pair[] batch, Func<Pair, Pair, bool> excluded)
    {
        bool[] mask = new bool[batch.Length * batch.Length];
        for (int i = 0; i < batch.Length; i++)
            for (int j = 0; j < batch.Length; j++)
                mask[i * batch.Length + j] = i != j && excluded(batch[i], batch[j]);
        return mask;
    }
}
