using System.Text.RegularExpressions;

namespace Larr.Export;

/// <summary>The table between the tensor names of Hugging Face checkpoints and those of GGUF files.</summary>
public static partial class GgufNames
{
    static readonly Dictionary<string, string> s_outside = new()
    {
        ["model.embed_tokens"] = "token_embd",
        ["model.norm"] = "output_norm",
        ["lm_head"] = "output",
    };

    static readonly Dictionary<string, string> s_ofLayer = new()
    {
        ["input_layernorm"] = "attn_norm",
        ["self_attn.q_proj"] = "attn_q",
        ["self_attn.k_proj"] = "attn_k",
        ["self_attn.v_proj"] = "attn_v",
        ["self_attn.o_proj"] = "attn_output",
        ["self_attn.q_norm"] = "attn_q_norm",
        ["self_attn.k_norm"] = "attn_k_norm",
        ["post_attention_layernorm"] = "ffn_norm",
        ["mlp.gate_proj"] = "ffn_gate",
        ["mlp.up_proj"] = "ffn_up",
        ["mlp.down_proj"] = "ffn_down",
    };

    /// <summary>The GGUF name of a tensor such as <c>model.layers.0.self_attn.q_proj.weight</c>: <c>blk.0.attn_q.weight</c>.</summary>
    /// <exception cref="ArgumentException">The table has no such name.</exception>
    public static string Of(string huggingFace)
    {
        int dot = huggingFace.LastIndexOf('.');
        (string module, string kind) = (huggingFace[..Math.Max(dot, 0)], huggingFace[(dot + 1)..]);
        if (s_outside.TryGetValue(module, out string? name)) return $"{name}.{kind}";
        Match layer = Layer().Match(module);
        return layer.Success && s_ofLayer.TryGetValue(layer.Groups[2].Value, out name)
            ? $"blk.{layer.Groups[1].Value}.{name}.{kind}"
            : throw new ArgumentException($"tensor {huggingFace} has no name in GGUF", nameof(huggingFace));
    }

    [GeneratedRegex(@"^model\.layers\.(\d+)\.(.+)$")]
    private static partial Regex Layer();
}
