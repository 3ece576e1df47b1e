using Larr.Align;
using Larr.Runs;

namespace Larr.Serve;

/// <summary>
/// The arithmetic of one kind of aggregation. Whatever depends on a single value is computed once, when the value is prepared; encoding a
/// scene combines prepared values.
/// </summary>
/// <param name="preparedWidth">Floats of a prepared value.</param>
/// <param name="scratchLength">Floats that encoding needs beside its inputs.</param>
/// <param name="outputStride">Floats of the output: the scene vector, rounded up to 16.</param>
abstract class SceneKernel(int preparedWidth, int scratchLength, int outputStride)
{
    /// <summary>Floats of a prepared value.</summary>
    public int PreparedWidth => preparedWidth;

    /// <summary>Floats that encoding needs beside its inputs.</summary>
    public int ScratchLength => scratchLength;

    /// <summary>Floats of the output: the scene vector, rounded up to 16.</summary>
    public int OutputStride => outputStride;

    /// <summary>A value's standardised vector [D] → what encoding reads of it, [preparedWidth].</summary>
    public abstract void Prepare(int field, ReadOnlySpan<float> vector, Span<float> prepared);

    /// <summary>Prepared values, the i-th at <paramref name="offsets"/>[i] of <paramref name="prepared"/> → scene vector [outputStride].</summary>
    public abstract void Encode(ReadOnlySpan<float> prepared, ReadOnlySpan<int> offsets, Span<float> scratch, Span<float> scene);

    /// <summary>The kernel of a trained aggregator.</summary>
    /// <exception cref="InputException">The weights do not fit the description, or the kind is not served.</exception>
    public static SceneKernel Read(SceneArtefact artefact, WeightFile weights) => artefact.Align.Scene switch
    {
        SceneAggregation.Encoder => new TransformerKernel(artefact, weights),
        SceneAggregation.MeanPool => new MeanPoolKernel(artefact, weights),
        SceneAggregation.ConcatMlp => new ConcatMlpKernel(artefact, weights),
        SceneAggregation.AttentionPool => new AttentionPoolKernel(artefact, weights),
        var other => throw new InputException(weights.Path, "align.scene", $"{other}", "encoder, meanPool, concatMlp or attentionPool: the others cannot be served from cached values"),
    };
}
