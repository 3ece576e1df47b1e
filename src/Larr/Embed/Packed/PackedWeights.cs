using System.Runtime.InteropServices;
using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Embed.Packed;

/// <summary>One layer's weights as the packed forward reads them.</summary>
/// <param name="AttentionNorm">Weight [D] of the norm before attention.</param>
/// <param name="Qkv">The maps to queries, keys and values as one matrix; in a last layer that only last tokens leave, those to keys and values.</param>
/// <param name="LastQuery">In such a last layer the map to queries, else null.</param>
/// <param name="Bias">Bias of queries, keys and values, or empty.</param>
/// <param name="QueryNorm">Weight [d] of the queries' norm, or null.</param>
/// <param name="KeyNorm">Weight [d] of the keys' norm, or null.</param>
/// <param name="Output">The map from heads to the residual stream.</param>
/// <param name="FeedForwardNorm">Weight [D] of the norm before the feed-forward block.</param>
/// <param name="GateUp">The maps to gate and up as one matrix.</param>
/// <param name="Down">The map back.</param>
sealed record PackedLayer<T>(
    float[] AttentionNorm, IMatrix<T> Qkv, IMatrix<T>? LastQuery, float[] Bias, float[]? QueryNorm, float[]? KeyNorm, IMatrix<T> Output,
    float[] FeedForwardNorm, IMatrix<T> GateUp, IMatrix<T> Down) : IDisposable where T : unmanaged, IElement<T>
{
    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IMatrix<T>? matrix in new[] { Qkv, LastQuery, Output, GateUp, Down }) matrix?.Dispose();
    }
}

/// <summary>An encoder's weights, copied once in the type and layout of the packed forward; the encoder is not needed afterwards.</summary>
sealed class PackedWeights<T> : IDisposable where T : unmanaged, IElement<T>
{
    /// <summary>Copies the weights.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="longest">Most tokens of a text.</param>
    /// <param name="matrix">Makes a matrix of the type from a weight [N,K].</param>
    public PackedWeights(TextEncoder encoder, int longest, Func<Tensor, IMatrix<T>> matrix)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Decoder decoder = encoder.decoder;
        (Config, Pooling, Attention, Dimension) = (decoder.Config, encoder.Pooling, encoder.Attention, encoder.Dimension);
        Embedding = decoder.embed.weight.detach().to(T.Type, copy: true).contiguous().DetachFromDisposeScope();
        Layers = [.. decoder.layers.Select((layer, i) => Layer(layer, i == decoder.layers.Count - 1 && Pooling == Pooling.LastToken, matrix))];
        Rotary = new RotaryHeads(decoder, longest);
        Norm = Floats(decoder.norm.weight);
        if (encoder.HasProjection)
            (Hidden, HiddenBias, Output, OutputBias) =
                (matrix(encoder.hidden!.weight), Floats(encoder.hidden.bias!), matrix(encoder.output!.weight), Floats(encoder.output.bias!));
    }

    /// <summary>The decoder's shape.</summary>
    public DecoderConfig Config { get; }

    /// <summary>How states become one vector.</summary>
    public Pooling Pooling { get; }

    /// <summary>What tokens see.</summary>
    public TextAttention Attention { get; }

    /// <summary>Components of a vector.</summary>
    public int Dimension { get; }

    /// <summary>Token rows [V,D].</summary>
    public Tensor Embedding { get; }

    /// <summary>The layers.</summary>
    public PackedLayer<T>[] Layers { get; }

    /// <summary>What positions do to queries and keys.</summary>
    public RotaryHeads Rotary { get; }

    /// <summary>Weight [D] of the final norm.</summary>
    public float[] Norm { get; }

    /// <summary>First map of the projection, or null where there is none.</summary>
    public IMatrix<T>? Hidden { get; }

    /// <summary>Its bias.</summary>
    public float[] HiddenBias { get; } = [];

    /// <summary>Second map of the projection.</summary>
    public IMatrix<T>? Output { get; }

    /// <summary>Its bias.</summary>
    public float[] OutputBias { get; } = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        Embedding.Dispose();
        foreach (PackedLayer<T> layer in Layers) layer.Dispose();
        Hidden?.Dispose();
        Output?.Dispose();
    }

    PackedLayer<T> Layer(DecoderLayer layer, bool lastTokensOnly, Func<Tensor, IMatrix<T>> matrix)
    {
        Attention a = layer.attention;
        int queries = Config.Heads * Config.HeadWidth;
        Tensor all = a.qkv.weight;
        return new(
            Floats(layer.attentionNorm.weight), matrix(lastTokensOnly ? all.narrow(0, queries, all.size(0) - queries) : all),
            lastTokensOnly ? matrix(all.narrow(0, 0, queries)) : null, a.qkv.bias is { } bias ? Floats(bias) : [],
            a.queryNorm is { } q ? Floats(q.weight) : null, a.keyNorm is { } k ? Floats(k.weight) : null, matrix(a.output.weight),
            Floats(layer.feedForwardNorm.weight), matrix(layer.feedForward.gateUp.weight), matrix(layer.feedForward.down.weight));
    }

    static float[] Floats(Tensor tensor) => PackedWeights.Floats(tensor);
}

/// <summary>Weights as plain numbers.</summary>
static class PackedWeights
{
    /// <summary>
    /// Can this encoder be computed by the packed forward? Rows are read in whole vectors of sixteen, only queries, keys and values have biases, a
    /// token sees all before it, and angles do not depend on the length of a text.
    /// </summary>
    public static bool Fit(TextEncoder encoder, int longest)
    {
        DecoderConfig c = encoder.LanguageModel.Config;
        if (c.Window < longest || c.RopeScaling is DynamicScaling scaling && scaling.OriginalLength < longest) return false;
        return new[] { c.Width, c.FeedForwardWidth, c.Heads * c.HeadWidth, c.KeyValueHeads * c.HeadWidth, encoder.Dimension }.All(n => n % 16 == 0)
            && encoder.decoder.layers.All(l => l.attention.output.bias is null && l.feedForward.gateUp.bias is null && l.feedForward.down.bias is null);
    }

    /// <summary>A copy of a tensor's components.</summary>
    public static float[] Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.detach().contiguous().bytes).ToArray();
}
