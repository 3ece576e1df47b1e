using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Embed.Packed;

/// <summary>Computes batches on the thread that calls it; each thread has its own.</summary>
interface IWorker : IDisposable
{
    /// <summary>The unit vectors of a batch's texts.</summary>
    /// <param name="batch">The texts.</param>
    /// <param name="take">Receives each text's index in the batch and its vector, which is overwritten by the next.</param>
    void Run(TokenForest batch, VectorSink take);
}

/// <summary>Takes the vector of a text.</summary>
delegate void VectorSink(int text, ReadOnlySpan<float> vector);

/// <summary>A worker of the packed forward with its workspace.</summary>
sealed unsafe class PackedWorker<T>(PackedForward<T> forward, Workspace<T> workspace) : IWorker where T : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Run(TokenForest batch, VectorSink take)
    {
        forward.Run(batch, workspace);
        if (batch.Texts > 1 && !Finite(batch.Texts))
        {
            // Attention gives later tokens the weight zero, and zero times infinity is no number: a bad text can spoil the beginning that
            // it shares. Alone it spoils itself only, and the others have the bits that they would have had beside good ones.
            for (int t = 0; t < batch.Texts; t++)
            {
                var alone = new TokenForest();
                alone.Add([.. batch.Path(t).Select(row => batch.Ids[row])]);
                forward.Run(alone, workspace);
                take(t, Result(0));
            }
            return;
        }
        for (int t = 0; t < batch.Texts; t++) take(t, Result(t));
    }

    bool Finite(int texts)
    {
        for (int t = 0; t < texts; t++)
            foreach (float component in Result(t))
                if (!float.IsFinite(component)) return false;
        return true;
    }

    ReadOnlySpan<float> Result(int text) => new(workspace.Result.Row(text), workspace.Result.Columns);

    /// <inheritdoc/>
    public void Dispose() => workspace.Dispose();
}

/// <summary>
/// The encoder's own forward, for devices and shapes that the packed one does not have: texts of equal length together, nothing shared.
/// </summary>
sealed class ModuleWorker(TextEncoder encoder, Device device) : IWorker
{
    /// <inheritdoc/>
    public void Run(TokenForest batch, VectorSink take)
    {
        foreach (IGrouping<int, int> same in Enumerable.Range(0, batch.Texts).GroupBy(t => batch.Path(t).Length))
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            int[] texts = [.. same];
            long[] ids = [.. texts.SelectMany(batch.Path).Select(row => (long)batch.Ids[row])];
            Tensor result = encoder.forward(
                tensor(ids, [texts.Length, same.Key], device: device), full([texts.Length], (long)same.Key, ScalarType.Int64, device)).cpu().contiguous(); // [B,D]
            ReadOnlySpan<float> components = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(result.bytes);
            for (int b = 0; b < texts.Length; b++) take(texts[b], components.Slice(b * encoder.Dimension, encoder.Dimension));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
