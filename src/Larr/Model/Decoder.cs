using Larr.Kernels;
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
        layers = new ModuleList<DecoderLayer>([.. Enumerable.Range(0, config.Layers).Select(i => new DecoderLayer(config, i < config.WindowFrom ? null : config.Window))]);
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

    /// <summary>Are layers computed again in the backward pass instead of kept (<see cref="Recomputed"/>)? Default: kept.</summary>
    public bool Recompute { get; set; }

    /// <summary>Hidden states after the final norm, [B,T,D] float32.</summary>
    /// <param name="ids">Token ids [B,T] int64.</param>
    /// <param name="mask">Added to the attention scores, [B,1,T,T]: 0 or −∞. Null: causal.</param>
    /// <param name="positions">Position of each token [B,T] int64. Null: 0 to T − 1, or on from the cache's.</param>
    /// <param name="cache">Tokens read before these, which it takes in; then mask and positions are null.</param>
    public Tensor Hidden(Tensor ids, Tensor? mask = null, Tensor? positions = null, KeyValueCache? cache = null)
    {
        using var scope = NewDisposeScope();
        int rows = (int)ids.size(0), length = (int)ids.size(1), past = cache?.Length ?? 0, total = past + length;
        if (mask is null && positions is null && cache is null && EmbeddingWeight.IsForKernels())
            return Hidden(ids, [.. Enumerable.Range(0, rows).Select(r => new TokenRun(r * length, length))]).MoveToOuterDisposeScope();
        (Tensor cos, Tensor sin) = Table(total, ids.device); // [S,d/2]
        if (positions is not null)
        {
            Tensor flat = positions.flatten();
            cos = cos.index_select(0, flat).view(rows, 1, length, -1); // [B,1,T,d/2]
            sin = sin.index_select(0, flat).view(rows, 1, length, -1);
        }
        if (cache is not null) (cos, sin, mask) = (cos.narrow(0, past, length), sin.narrow(0, past, length), AttentionMask.Causal(length, total, ids.device));
        var layout = new Layout(cos, sin, mask?.to(Compute), null, Compute, cache);
        Layout windowed = layout;
        if (Config.Window < total)
        {
            Tensor places = positions ?? arange(total, ScalarType.Int64, ids.device).unsqueeze(0); // [B,S]
            windowed = layout with { Mask = AttentionMask.Window(mask ?? AttentionMask.Causal(length, total, ids.device), places, Config.Window.Value).to(Compute) };
        }
        Tensor states = Run(ids, layout, windowed);
        cache?.Advance(length);
        return states.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Hidden states after the final norm, [B,T,D] float32, of runs of tokens that do not see each other, each causal and with
    /// positions from 0. Tokens outside all runs have states without meaning.
    /// </summary>
    /// <param name="ids">Token ids [B,T] int64.</param>
    /// <param name="runs">Runs among the B·T tokens, none across a row's end.</param>
    public Tensor Hidden(Tensor ids, IReadOnlyList<TokenRun> runs)
    {
        using var scope = NewDisposeScope();
        if (!EmbeddingWeight.IsForKernels())
        {
            (Tensor mask, Tensor positions) = RunMask.Of(runs, (int)ids.size(0), (int)ids.size(1), ids.device);
            return Hidden(ids, mask, positions).MoveToOuterDisposeScope();
        }
        (Tensor cos, Tensor sin) = Table(runs.Count == 0 ? 1 : runs.Max(r => r.Length), ids.device); // [T,d/2]
        var layout = new Layout(cos, sin, null, runs, Compute);
        return Run(ids, layout, windowed: layout).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Casts the weights of all layers to <see cref="Compute"/> once, for several passes between two updates; dispose the result
    /// before the weights change.
    /// </summary>
    public IDisposable HoldWeights() => new HeldWeights(this);

    (Tensor Cos, Tensor Sin) Table(int length, Device device) => length <= Config.MaxLength
        ? rope.Table(length, device)
        : throw new ArgumentException($"{length} tokens; the model reads at most {Config.MaxLength}");

    // Layers from WindowFrom on have a layout of their own: where there are masks, the window is in them.
    Tensor Run(Tensor ids, Layout layout, Layout windowed)
    {
        Tensor x = embed.forward(ids); // [B,T,D]
        bool recompute = Recompute && is_grad_enabled();
        if (recompute && !x.requires_grad) x.requires_grad_(); // a frozen embedding, as under low-rank changes
        for (int i = 0; i < layers.Count; i++)
        {
            Layout own = i < Config.WindowFrom ? layout : windowed;
            x = recompute ? Recomputed.Of(layers[i], x, own) : layers[i].forward(x, own);
        }
        return norm.forward(x);
    }

    /// <summary>Logits [..., V] in float32 of hidden states [..., D].</summary>
    public Tensor Logits(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return nn.functional.linear(hidden.to(Compute), HeadWeight.to(Compute)).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Changes the number of token rows: rows at the end are dropped, or new ones start at the mean of the present rows.
    /// Optimizers made before hold the old rows: make them afterwards.
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

    sealed class HeldWeights : IDisposable
    {
        readonly Projection[] projections;

        public HeldWeights(Decoder decoder)
        {
            projections = [.. decoder.modules().OfType<Projection>()];
            foreach (Projection projection in projections) projection.Hold(decoder.Compute);
        }

        public void Dispose()
        {
            foreach (Projection projection in projections) projection.Release();
        }
    }
}
