using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Masks that are added to attention scores: 0 where a token is seen, −∞ where not. Shapes: B batch, T new tokens, S all tokens.</summary>
static class AttentionMask
{
    /// <summary>Each of the last <paramref name="length"/> tokens of <paramref name="total"/> sees itself and all before: [1,1,T,S].</summary>
    public static Tensor Causal(int length, int total, Device device)
    {
        using var scope = NewDisposeScope();
        Tensor hidden = full([length, total], float.NegativeInfinity, ScalarType.Float32, device);
        return hidden.triu(total - length + 1).view(1, 1, length, total).MoveToOuterDisposeScope();
    }

    /// <summary>Each token of a right-padded text sees all of the text's tokens: [B,1,T,T] for lengths [B].</summary>
    public static Tensor Within(Tensor lengths, long longest)
    {
        using var scope = NewDisposeScope();
        Tensor padding = arange(longest, device: lengths.device).unsqueeze(0).ge(lengths.unsqueeze(1)); // [B,T]
        Tensor mask = zeros(padding.shape, ScalarType.Float32, lengths.device).masked_fill(padding, float.NegativeInfinity);
        return mask.view(-1, 1, 1, longest).expand(-1, 1, longest, longest).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The mask that also hides what lies <paramref name="window"/> positions or more behind (arXiv 2004.05150, as in Mistral): [B,1,T,S].
    /// </summary>
    /// <param name="mask">The mask without a window.</param>
    /// <param name="positions">Position of every token [B,S]; the new ones are the last.</param>
    /// <param name="window">How many tokens are seen, the token itself included.</param>
    public static Tensor Window(Tensor mask, Tensor positions, int window)
    {
        using var scope = NewDisposeScope();
        long length = mask.size(2), total = positions.size(1);
        Tensor behind = positions.narrow(1, total - length, length).unsqueeze(2) - positions.unsqueeze(1); // [B,T,S]
        return mask.masked_fill(behind.ge(window).unsqueeze(1), float.NegativeInfinity).MoveToOuterDisposeScope();
    }
}
