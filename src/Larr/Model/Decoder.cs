using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>
/// A decoder language model of the Llama family (arXiv 2302.13971). Weights are float32 masters; matrix products run in
/// <see cref="Compute"/>, norms and the residual stream in float32.
/// Shapes: B batch, T tokens, D width, V vocabulary.
/// </summary>
public sealed class Decoder : nn.Module<Tensor, Tensor>
{
    internal readonly TokenEmbedding embed;
    internal readonly ModuleList<DecoderLayer> layers;
    internal readonly RmsNorm norm;
    internal readonly TokenEmbedding? head;
    internal readonly Rope rope;

    /// <summary>A decoder with the weights of <see cref="Initialization"/> for <paramref name="seed"/>.</summary>
    /// <exception cref="ArgumentException">The shape is impossible.</exception>
    public Decoder(DecoderConfig config, int seed) : this(config) => Initialization.Apply(this, seed);

    /// <summary>A decoder whose weights hold anything until they are loaded; on the default device.</summary>
    internal Decoder(DecoderConfig config) : base(nameof(Decoder))
    {
        config.Validate();
        Config = config;
        rope = new Rope(config.HeadWidth, config.RopeTheta, config.RopeScaling);
        embed = new TokenEmbedding(config.VocabularySize, config.Width);
        layers = new ModuleList<DecoderLayer>([.. Enumerable.Range(0, config.Layers).Select(_ => new DecoderLayer(config))]);
        norm = new RmsNorm(config.Width, config.NormEpsilon);
        if (!config.TiedHead) head = new TokenEmbedding(config.VocabularySize, config.Width);
        RegisterComponents();
    }

    /// <summary>The shape; its vocabulary follows <see cref="Resize"/>.</summary>
    public DecoderConfig Config { get; private set; }

    /// <summary>Type of the matrix products: float32, or bfloat16 where the processor has it. Default float32.</summary>
    public ScalarType Compute { get; set; } = ScalarType.Float32;

    /// <summary>Rows of the output head [V,D]: the token embedding where the head is tied.</summary>
    public Parameter HeadWeight => (head ?? embed).weight;

    /// <summary>Rows of the token embedding [V,D].</summary>
    public Parameter EmbeddingWeight => embed.weight;

    /// <summary>Logits [B,T,V] of ids [B,T], causal.</summary>
    public override Tensor forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        return Logits(Hidden(ids)).MoveToOuterDisposeScope();
    }

    /// <summary>Hidden states after the final norm, [B,T,D] float32.</summary>
    /// <param name="ids">Token ids [B,T] int64.</param>
    /// <param name="mask">Added to the attention scores, [B,1,T,T]: 0 or −∞. Null: causal.</param>
    /// <param name="positions">Position of each token [B,T] int64. Null: 0 to T − 1, or on from the cache's.</param>
    /// <param name="cache">Tokens read before these, which it takes in; then mask and positions are null.</param>
    public Tensor Hidden(Tensor ids, Tensor? mask = null, Tensor? positions = null, KeyValueCache? cache = null)
    {
        using var scope = NewDisposeScope();
        int length = (int)ids.size(1), past = cache?.Length ?? 0, total = past + length;
        if (total > Config.MaxLength) throw new ArgumentException($"{total} tokens; the model reads at most {Config.MaxLength}");
        (Tensor cos, Tensor sin) = rope.Table(total, ids.device); // [S,d/2]
        if (positions is not null)
        {
            Tensor flat = positions.flatten();
            cos = cos.index_select(0, flat).view(ids.size(0), 1, length, -1); // [B,1,T,d/2]
            sin = sin.index_select(0, flat).view(ids.size(0), 1, length, -1);
        }
        if (cache is not null) (cos, sin, mask) = (cos.narrow(0, past, length), sin.narrow(0, past, length), AttentionMask.Causal(length, total, ids.device));
        var layout = new Layout(cos, sin, mask?.to(Compute), Compute, cache);
        Layout windowed = layout;
        if (Config.Window < total)
        {
            Tensor places = positions ?? arange(total, ScalarType.Int64, ids.device).unsqueeze(0); // [B,S]
            windowed = layout with { Mask = AttentionMask.Window(mask ?? AttentionMask.Causal(length, total, ids.device), places, Config.Window.Value).to(Compute) };
        }
        Tensor x = embed.forward(ids); // [B,T,D]
        for (int i = 0; i < layers.Count; i++) x = layers[i].forward(x, i < Config.WindowFrom ? layout : windowed);
        cache?.Advance(length);
        return norm.forward(x).MoveToOuterDisposeScope();
    }

    /// <summary>Logits [..., V] in float32 of hidden states [..., D].</summary>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return nn.functional.linear(hidden.to(Compute), HeadWeight.to(Compute)).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Changes the number of token rows: rows at the end are dropped, or new ones start at the mean of the present rows
    ///. Optimizers made before hold the old rows: make them afterwards.
    /// </summary>
    public void Resize(int vocabularySize)
    {
        if (vocabularySize <= 0) throw new ArgumentException($"{vocabularySize} rows; expected a positive number");
        embed.Resize(vocabularySize);
        head?.Resize(vocabularySize);
        Config = Config with { VocabularySize = vocabularySize };
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) rope.Dispose();
        base.Dispose(disposing);
    }
}
