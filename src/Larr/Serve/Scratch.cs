using Larr.Align;

namespace Larr.Serve;

/// <summary>The pieces of a <see cref="TransformerKernel"/>'s scratch memory.</summary>
/// <remarks>T' tokens rounded up to 4, w' width rounded up to 16.</remarks>
readonly ref struct Scratch
{
    public Scratch(Span<float> memory, int width, int qkvWidth, int upWidth, int tokens)
    {
        (Width, QkvWidth) = (width, qkvWidth);
        int next = 0;
        X = Take(memory, ref next, tokens * width);
        Qkv = Take(memory, ref next, tokens * qkvWidth);
        Mixed = Take(memory, ref next, tokens * width);
        Keys = Take(memory, ref next, width * Kernels.Lanes.RoundUp(tokens));
        Scores = Take(memory, ref next, Kernels.Lanes.RoundUp(tokens));
        Mean = Take(memory, ref next, width);
        Hidden = memory[next..];
    }

    /// <summary>w'.</summary>
    public int Width { get; }

    /// <summary>Distance of rows of <see cref="Qkv"/>.</summary>
    public int QkvWidth { get; }

    /// <summary>Tokens, [T',w'].</summary>
    public Span<float> X { get; }

    /// <summary>Queries, keys and values, [T',(3w)'].</summary>
    public Span<float> Qkv { get; }

    /// <summary>What attention gives, [T',w'].</summary>
    public Span<float> Mixed { get; }

    /// <summary>Keys, transposed, [w, T rounded up to 16].</summary>
    public Span<float> Keys { get; }

    /// <summary>Attention of one token in one head, [T rounded up to 16].</summary>
    public Span<float> Scores { get; }

    /// <summary>Sum of the tokens, [w'].</summary>
    public Span<float> Mean { get; }

    /// <summary>Hidden values of a feed-forward layer, or its output.</summary>
    public Span<float> Hidden { get; }

    /// <summary>T'.</summary>
    public static int PaddedTokens(SceneArtefact artefact) => (artefact.Fields.Count + 1 + 3) / 4 * 4;

    /// <summary>Floats that an encoder's scratch memory needs.</summary>
    public static int Length(SceneArtefact artefact)
    {
        (int w, int t) = (artefact.Align.Width, PaddedTokens(artefact));
        int width = Kernels.Lanes.RoundUp(w), up = Kernels.Lanes.RoundUp(2 * w);
        int head = Kernels.Lanes.RoundUp(w) + Kernels.Lanes.RoundUp(artefact.Dimension);
        return t * (2 * width + Kernels.Lanes.RoundUp(3 * w)) + (width + 1) * Kernels.Lanes.RoundUp(t) + width + Math.Max(t * (up + width), head);
    }

    static Span<float> Take(Span<float> memory, scoped ref int next, int count)
    {
        Span<float> taken = memory.Slice(next, count);
        next += count;
        return taken;
    }
}
