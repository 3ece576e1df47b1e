namespace Larr.Model;

/// <summary>A weight of the decoder and the tensors of a Hugging Face checkpoint whose rows, one after another, make it up.</summary>
/// <param name="Ours">Key of the decoder's state dictionary.</param>
/// <param name="Parts">Foreign name and number of rows of each part, in order.</param>
public sealed record WeightName(string Ours, params IReadOnlyList<(string Theirs, long Rows)> Parts);

/// <summary>The table between the decoder's weights and the names of Hugging Face checkpoints.</summary>
public static class HuggingFaceNames
{
    /// <summary>All weights of a decoder of the given shape, in the order of the network.</summary>
    public static IEnumerable<WeightName> Table(DecoderConfig c)
    {
        long q = c.Heads * c.HeadWidth, kv = c.KeyValueHeads * c.HeadWidth;
        yield return new("embed.weight", ("model.embed_tokens.weight", c.VocabularySize));
        for (int i = 0; i < c.Layers; i++)
        {
            string ours = $"layers.{i}.", theirs = $"model.layers.{i}.";
            yield return new(ours + "attentionNorm.weight", (theirs + "input_layernorm.weight", c.Width));
            foreach (string kind in c.AttentionBias ? ["weight", "bias"] : new[] { "weight" })
                yield return new(ours + $"attention.qkv.{kind}", (theirs + $"self_attn.q_proj.{kind}", q), (theirs + $"self_attn.k_proj.{kind}", kv), (theirs + $"self_attn.v_proj.{kind}", kv));
            if (c.QueryKeyNorm)
            {
                yield return new(ours + "attention.queryNorm.weight", (theirs + "self_attn.q_norm.weight", c.HeadWidth));
                yield return new(ours + "attention.keyNorm.weight", (theirs + "self_attn.k_norm.weight", c.HeadWidth));
            }
            yield return new(ours + "attention.output.weight", (theirs + "self_attn.o_proj.weight", c.Width));
            yield return new(ours + "feedForwardNorm.weight", (theirs + "post_attention_layernorm.weight", c.Width));
            yield return new(ours + "feedForward.gateUp.weight", (theirs + "mlp.gate_proj.weight", c.FeedForwardWidth), (theirs + "mlp.up_proj.weight", c.FeedForwardWidth));
            yield return new(ours + "feedForward.down.weight", (theirs + "mlp.down_proj.weight", c.Width));
        }
        yield return new("norm.weight", ("model.norm.weight", c.Width));
        if (!c.TiedHead) yield return new("head.weight", ("lm_head.weight", c.VocabularySize));
    }
}
