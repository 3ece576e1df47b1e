using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Embed.Packed;

/// <summary>The activations of one batch; each thread that computes has its own. Shapes: M rows, D width, H query heads, K key and value heads, d head width, F inner width.</summary>
sealed class Workspace<T> : IDisposable where T : unmanaged, IElement<T>
{
    /// <summary>Room for batches of <paramref name="rows"/> rows and texts.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="rows">Most rows of a batch.</param>
    /// <param name="longest">Most tokens of a text.</param>
    public Workspace(PackedWeights<T> weights, int rows, int longest)
    {
        DecoderConfig c = weights.Config;
        int queries = c.Heads * c.HeadWidth, keys = c.KeyValueHeads * c.HeadWidth;
        MaxRows = rows;
        X = new(rows, c.Width);
        Normed = new(rows, c.Width);
        Mapped = new(rows, queries + (2 * keys));
        KeysValues = new(rows, 2 * keys);
        LastQueries = new(rows, queries);
        Q = new(rows, queries);
        K = new(rows, keys);
        V = new(rows, keys);
        Attended = new(rows, queries);
        Heads = new(rows, queries);
        GateUp = new(rows, 2 * c.FeedForwardWidth);
        Gated = new(rows, c.FeedForwardWidth);
        Update = new(rows, c.Width);
        States = new(rows, c.Width);
        Means = new(rows, c.Width);
        Vectors = new(rows, weights.Dimension);
        Result = new(rows, weights.Dimension);
        Attention = T.Type == ScalarType.BFloat16 ? new BFloat16Attention(c, weights.Attention, longest) : new GroupedQueryAttention(c, weights.Attention, longest);
    }

    /// <summary>Most rows of a batch.</summary>
    public int MaxRows { get; }

    /// <summary>The residual stream [M,D].</summary>
    public Rows<Float32Element> X { get; }

    /// <summary>Its normalised copy [M,D].</summary>
    public Rows<T> Normed { get; }

    /// <summary>Queries, keys and values as the product gives them [M,(H+2K)d].</summary>
    public Rows<T> Mapped { get; }

    /// <summary>Keys and values of a last layer [M,2Kd].</summary>
    public Rows<T> KeysValues { get; }

    /// <summary>Queries of a last layer [texts,Hd].</summary>
    public Rows<T> LastQueries { get; }

    /// <summary>Queries, turned and scaled [M,Hd].</summary>
    public Rows<Float32Element> Q { get; }

    /// <summary>Keys, turned [M,Kd].</summary>
    public Rows<Float32Element> K { get; }

    /// <summary>Values [M,Kd].</summary>
    public Rows<Float32Element> V { get; }

    /// <summary>Attended values [M,Hd].</summary>
    public Rows<Float32Element> Attended { get; }

    /// <summary>The same in the type of the products.</summary>
    public Rows<T> Heads { get; }

    /// <summary>Gate and up [M,2F].</summary>
    public Rows<T> GateUp { get; }

    /// <summary>Their product [M,F].</summary>
    public Rows<T> Gated { get; }

    /// <summary>What a block adds to the residual stream [M,D].</summary>
    public Rows<T> Update { get; }

    /// <summary>States after the final norm [M,D].</summary>
    public Rows<Float32Element> States { get; }

    /// <summary>Their means over each text [texts,D].</summary>
    public Rows<Float32Element> Means { get; }

    /// <summary>Vectors of the texts before the last bias [texts,dimension].</summary>
    public Rows<T> Vectors { get; }

    /// <summary>Unit vectors of the texts [texts,dimension].</summary>
    public Rows<Float32Element> Result { get; }

    /// <summary>Attention with its tiles.</summary>
    public IAttention Attention { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable part in new IDisposable[]
        {
            X, Normed, Mapped, KeysValues, LastQueries, Q, K, V, Attended, Heads, GateUp, Gated, Update, States, Means, Vectors, Result, Attention,
        })
            part.Dispose();
    }
}
