using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Embed.Packed;

/// <summary>
/// The encoder's forward pass for many short texts on one thread: the decoder of <see cref="Decoder"/> without output head over a
/// <see cref="TokenForest"/>, the residual stream in float32. With last-token pooling the last layer computes keys and values of all
/// rows and everything else of the last tokens alone.
/// </summary>
/// <param name="weights">The model.</param>
sealed unsafe class PackedForward<T>(PackedWeights<T> weights) where T : unmanaged, IElement<T>
{
    readonly DecoderConfig _config = weights.Config;
    readonly float _scale = (float)(1 / Math.Sqrt(weights.Config.HeadWidth));

    int Queries => _config.Heads * _config.HeadWidth;

    int Keys => _config.KeyValueHeads * _config.HeadWidth;

    /// <summary>The unit vectors of a batch's texts, in the workspace's <see cref="Workspace{T}.Result"/>.</summary>
    public void Run(TokenForest batch, Workspace<T> w)
    {
        Embed(batch, w);
        int rows = batch.Rows;
        foreach (PackedLayer<T> layer in weights.Layers)
        {
            RowLoops.Norm(w.X, layer.AttentionNorm, _config.NormEpsilon, w.Normed, rows);
            if (layer.LastQuery is null) AttendAll(layer, batch, w);
            else
            {
                AttendLast(layer, layer.LastQuery, batch, w);
                rows = batch.Texts;
            }
            RowLoops.Convert(w.Attended, w.Heads, rows);
            layer.Output.Multiply(w.Heads, w.Update, rows); // [M,D]
            RowLoops.Add(w.X, w.Update, rows);
            RowLoops.Norm(w.X, layer.FeedForwardNorm, _config.NormEpsilon, w.Normed, rows);
            layer.GateUp.Multiply(w.Normed, w.GateUp, rows); // [M,2F]
            RowLoops.Gate(w.GateUp, w.Gated, rows); // [M,F]
            layer.Down.Multiply(w.Gated, w.Update, rows); // [M,D]
            RowLoops.Add(w.X, w.Update, rows);
        }
        RowLoops.Norm(w.X, weights.Norm, _config.NormEpsilon, w.States, rows);
        if (weights.Pooling == Pooling.Mean) Mean(batch, w);
        Project(weights.Pooling == Pooling.Mean ? w.Means : w.States, batch.Texts, w);
    }

    void Embed(TokenForest batch, Workspace<T> w)
    {
        using Tensor first = weights.Embedding.narrow(0, 0, 1);
        T* table = (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, T>(first.bytes)));
        int width = _config.Width;
        for (int r = 0; r < batch.Rows; r++)
        {
            T* from = table + ((long)batch.Ids[r] * width);
            float* to = (float*)w.X.Row(r);
            for (int c = 0; c < width; c += 16) T.Load(from + c).Store(to + c);
        }
    }

    void AttendAll(PackedLayer<T> layer, TokenForest batch, Workspace<T> w)
    {
        layer.Qkv.Multiply(w.Normed, w.Mapped, batch.Rows); // [M,(H+2K)d]
        for (int r = 0; r < batch.Rows; r++)
        {
            PutQuery(layer, w.Mapped.Row(r), r, batch.Positions[r], w);
            PutKeyValue(layer, w.Mapped.Row(r) + Queries, r, batch.Positions[r], w);
        }
        for (int t = 0; t < batch.Texts; t++)
        {
            int[] path = batch.Path(t);
            int own = batch.Own(t);
            w.Attention.Attend(w.Q, w.K, w.V, path, path[^own], own, w.Attended); // [M,Hd]
        }
    }

    /// <summary>As <see cref="AttendAll"/> for the last tokens, whose rows of the residual stream move to the front.</summary>
    void AttendLast(PackedLayer<T> layer, IMatrix<T> lastQuery, TokenForest batch, Workspace<T> w)
    {
        layer.Qkv.Multiply(w.Normed, w.KeysValues, batch.Rows); // [M,2Kd]
        for (int r = 0; r < batch.Rows; r++) PutKeyValue(layer, w.KeysValues.Row(r), r, batch.Positions[r], w);
        Span<int> last = new int[batch.Texts];
        for (int t = 0; t < last.Length; t++) last[t] = batch.Path(t)[^1];
        RowLoops.Gather(w.Normed, last, w.Normed);
        RowLoops.Gather(w.X, last, w.X);
        lastQuery.Multiply(w.Normed, w.LastQueries, last.Length); // [texts,Hd]
        for (int t = 0; t < last.Length; t++)
        {
            int[] path = batch.Path(t);
            PutQuery(layer, w.LastQueries.Row(t), t, path.Length - 1, w);
            w.Attention.Attend(w.Q, w.K, w.V, path, t, 1, w.Attended); // [texts,Hd]
        }
    }

    void PutQuery(PackedLayer<T> layer, T* from, int row, int position, Workspace<T> w)
    {
        float* q = (float*)w.Q.Row(row);
        RotaryHeads.Copy(from, Bias(layer, 0, Queries), q, Queries);
        weights.Rotary.Turn(q, _config.Heads, layer.QueryNorm, position, _scale);
    }

    void PutKeyValue(PackedLayer<T> layer, T* from, int row, int position, Workspace<T> w)
    {
        float* k = (float*)w.K.Row(row);
        RotaryHeads.Copy(from, Bias(layer, Queries, Keys), k, Keys);
        weights.Rotary.Turn(k, _config.KeyValueHeads, layer.KeyNorm, position, 1);
        RotaryHeads.Copy(from + Keys, Bias(layer, Queries + Keys, Keys), (float*)w.V.Row(row), Keys);
    }

    static ReadOnlySpan<float> Bias(PackedLayer<T> layer, int first, int count) => layer.Bias.Length == 0 ? [] : layer.Bias.AsSpan(first, count);

    /// <summary>The mean state of each text, summed in the order of its tokens.</summary>
    void Mean(TokenForest batch, Workspace<T> w)
    {
        int width = _config.Width;
        for (int t = 0; t < batch.Texts; t++)
        {
            int[] path = batch.Path(t);
            float* to = (float*)w.Means.Row(t);
            for (int c = 0; c < width; c += 16)
            {
                Vector512<float> sum = default;
                foreach (int row in path) sum += Vector512.Load((float*)w.States.Row(row) + c);
                (sum / path.Length).Store(to + c);
            }
        }
    }

    /// <summary>Through the projection, where there is one, to the unit sphere.</summary>
    void Project(Rows<Float32Element> pooled, int texts, Workspace<T> w)
    {
        if (weights.Hidden is null) RowLoops.Convert(pooled, w.Result, texts);
        else
        {
            RowLoops.Convert(pooled, w.Normed, texts);
            weights.Hidden.Multiply(w.Normed, w.Update, texts);
            RowLoops.Gelu(w.Update, weights.HiddenBias, w.Normed, texts);
            weights.Output!.Multiply(w.Normed, w.Vectors, texts);
            RowLoops.Convert(w.Vectors, w.Result, texts);
        }
        for (int t = 0; t < texts; t++)
        {
            float* v = (float*)w.Result.Row(t);
            for (int c = 0; c < weights.OutputBias.Length; c++) v[c] += weights.OutputBias[c];
            Vector512<float> squares = default;
            for (int c = 0; c < weights.Dimension; c += 16) squares = Vector512.FusedMultiplyAdd(Vector512.Load(v + c), Vector512.Load(v + c), squares);
            Vector512<float> inverse = Vector512.Create((float)(1 / Math.Max(1e-12, Math.Sqrt(Vector512.Sum(squares)))));
            for (int c = 0; c < weights.Dimension; c += 16) (Vector512.Load(v + c) * inverse).Store(v + c);
        }
    }
}
