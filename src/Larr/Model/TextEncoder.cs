using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>
/// A text embedder: the decoder's hidden states, pooled to one vector per text, optionally through an MLP, on the unit sphere.
/// Shapes: B texts, T tokens, d width, D dimension of the embedding.
/// </summary>
public sealed partial class TextEncoder : nn.Module<Tensor, Tensor, Tensor>
{
    internal readonly Decoder decoder;
    internal readonly Projection? hidden, output;

    /// <summary>An encoder over a decoder, which it owns from now on.</summary>
    /// <param name="decoder">The language model.</param>
    /// <param name="pooling">How states become one vector.</param>
    /// <param name="dimension">D of a projection width → width → D with GELU; null: none, D is the width.</param>
    /// <param name="seed">Seed of the projection's weights.</param>
    /// <param name="attention">What tokens see.</param>
    /// <exception cref="InputException">Tokens are to see the whole text, and the model has a sliding window.</exception>
    public TextEncoder(Decoder decoder, Pooling pooling, int? dimension, int seed, TextAttention attention = TextAttention.Causal) : base(nameof(TextEncoder))
    {
        if (attention == TextAttention.Bidirectional && decoder.Config.Window is { } window)
            throw new InputException("config.json", "sliding_window", $"{window}", "none, where attention is bidirectional");
        this.decoder = decoder;
        (Pooling, Attention) = (pooling, attention);
        Dimension = dimension ?? decoder.Config.Width;
        if (dimension is { } size)
        {
            hidden = new Projection(decoder.Config.Width, decoder.Config.Width, bias: true);
            output = new Projection(decoder.Config.Width, size, bias: true);
            Initialization.Apply([hidden, output], seed);
        }
        RegisterComponents();
    }

    /// <summary>The language model; its <see cref="Decoder.Compute"/> is the encoder's.</summary>
    public Decoder LanguageModel => decoder;

    /// <summary>How states become one vector.</summary>
    public Pooling Pooling { get; }

    /// <summary>What tokens see.</summary>
    public TextAttention Attention { get; }

    /// <summary>D, the length of the embedding.</summary>
    public int Dimension { get; }

    /// <summary>Does a projection follow the pooling?</summary>
    public bool HasProjection => output is not null;

    /// <summary>Unit vectors [B,D] float32 of right-padded ids [B,T] int64 with lengths [B] int64. Padding is never read.</summary>
    public override Tensor forward(Tensor ids, Tensor lengths)
    {
        using var scope = NewDisposeScope();
        Tensor? mask = Attention == TextAttention.Bidirectional ? AttentionMask.Within(lengths, ids.size(1)) : null; // causal attention does not reach the padding
        return Project(Pool(decoder.Hidden(ids, mask), lengths)).MoveToOuterDisposeScope();
    }

    /// <summary>One state per text: [B,T,d], lengths [B] → [B,d].</summary>
    public Tensor Pool(Tensor states, Tensor lengths)
    {
        using var scope = NewDisposeScope();
        if (Pooling == Pooling.LastToken)
        {
            Tensor last = (lengths - 1).view(-1, 1, 1).expand(-1, 1, states.size(2));
            return states.gather(1, last).squeeze(1).MoveToOuterDisposeScope();
        }
        Tensor inside = (arange(states.size(1), device: states.device).unsqueeze(0) < lengths.unsqueeze(1)).to(states.dtype).unsqueeze(-1); // [B,T,1]
        return ((states * inside).sum(1) / lengths.unsqueeze(1)).MoveToOuterDisposeScope();
    }

    /// <summary>The unit vector of a pooled state: [B,d] → [B,D].</summary>
    public Tensor Project(Tensor pooled)
    {
        using var scope = NewDisposeScope();
        if (output is not null) pooled = output.forward(nn.functional.gelu(hidden!.forward(pooled)));
        return nn.functional.normalize(pooled, dim: -1).MoveToOuterDisposeScope();
    }
}
