namespace Larr.Model;

/// <summary>A weight of the decoder and the tensors of a Hugging Face checkpoint whose rows, one after another, make it up.</summary>
/// <param name="Ours">Key of the decoder's state dictionary.</param>
/// <param name="Columns">Second size of a matrix; null of a vector.</param>
/// <param name="Parts">Foreign name and number of rows of each part, in order.</param>
public sealed record WeightName(string Ours, long? Columns, params IReadOnlyList<(string Theirs, long Rows)> Parts);

/// <summary>The table between the decoder's weights and the names of Hugging Face checkpoints.</summary>
public static class HuggingFaceNames
{
    /// <summary>All weights of a decoder of the given shape, in the order of the network.</summary>
    public static IEnumerable<WeightName> Table(DecoderConfig c)
    {
        long q = (long)c.Heads * c.HeadWidth, kv = (long)c.KeyValueHeads * c.HeadWidth;
        yield return new("embed.weight", c.Width, ("model.embed_tokens.weight", c.VocabularySize));
        for (int i = 0; i < c.Layers; i++)
        {
            string ours = $"layers.{i}.", theirs = $"model.layers.{i}.", attention = theirs + "self_attn.";
            yield return new(ours + "attentionNorm.weight", null, (theirs + "input_layernorm.weight", c.Width));
            yield return new(ours + "attention.qkv.weight", c.Width, (attention + "q_proj.weight", q), (attention + "k_proj.weight", kv), (attention + "v_proj.weight", kv));
            if (c.AttentionBias) yield return new(ours + "attention.qkv.bias", null, (attention + "q_proj.bias", q), (attention + "k_proj.bias", kv), (attention + "v_proj.bias", kv));
            if (c.QueryKeyNorm)
            {
                yield return new(ours + "attention.queryNorm.weight", null, (attention + "q_norm.weight", c.HeadWidth));
                yield return new(ours + "attention.keyNorm.weight", null, (attention + "k_norm.weight", c.HeadWidth));
            }
            yield return new(ours + "attention.output.weight", q, (attention + "o_proj.weight", c.Width));
            if (c.OutputBias) yield return new(ours + "attention.output.bias", null, (attention + "o_proj.bias", c.Width));
            yield return new(ours + "feedForwardNorm.weight", null, (theirs + "post_attention_layernorm.weight", c.Width));
            yield return new(ours + "feedForward.gateUp.weight", c.Width, (theirs + "mlp.gate_proj.weight", c.FeedForwardWidth), (theirs + "mlp.up_proj.weight", c.FeedForwardWidth));
            yield return new(ours + "feedForward.down.weight", c.FeedForwardWidth, (theirs + "mlp.down_proj.weight", c.Width));
        }
        yield return new("norm.weight", null, ("model.norm.weight", c.Width));
        if (!c.TiedHead) yield return new("head.weight", c.Width, ("lm_head.weight", c.VocabularySize));
    }
}
