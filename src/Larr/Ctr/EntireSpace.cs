using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>Logits of a batch.</summary>
/// <param name="Click">Logit of a click, [B].</param>
/// <param name="Conversion">Logit of a conversion given a click, [B]; null where the data has no conversions.</param>
public readonly record struct CtrLogits(Tensor Click, Tensor? Conversion);

/// <summary>
/// The entire-space model of conversions, ESMM (arXiv 1804.07931): pCTCVR = pCTR · pCVR is trained on all impressions, and pCVR only through
/// it. That both heads share the hidden layers is our choice.
/// </summary>
public static class EntireSpace
{
    /// <summary>log pCTCVR, [B].</summary>
    public static Tensor LogProbability(CtrLogits logits) => nn.functional.logsigmoid(logits.Click) + nn.functional.logsigmoid(logits.Conversion!);

    /// <summary>Mean cross-entropy of clicks, plus that of conversions where there are any.</summary>
    /// <param name="logits">The model's output.</param>
    /// <param name="clicks">0 or 1, [B].</param>
    /// <param name="conversions">0 or 1, [B]; null where the data has none.</param>
    public static Tensor Loss(CtrLogits logits, Tensor clicks, Tensor? conversions)
    {
        using var scope = NewDisposeScope();
        Tensor loss = nn.functional.binary_cross_entropy_with_logits(logits.Click, clicks);
        if (logits.Conversion is not null && conversions is not null)
        {
            // Kept off 0 by a float's precision, so that log(1 − p) stays finite.
            Tensor log = LogProbability(logits).clamp_max(-1e-6);
            loss = loss - (conversions * log + (1 - conversions) * (-log.expm1()).log()).mean();
        }
        return loss.MoveToOuterDisposeScope();
    }
}
