using Larr.Gguf;
using Larr.Model;

namespace Larr.Export;

/// <summary>The metadata by which llama.cpp builds the network.</summary>
public static class GgufMetadata
{
    /// <summary>The keys of a decoder.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="architecture">See <see cref="GgufArchitecture"/>.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="type">The type of its matrices.</param>
    public static IEnumerable<KeyValuePair<string, object>> Of(DecoderConfig config, string architecture, string name, GgmlType type)
    {
        string a = architecture;
        yield return new("general.architecture", a);
        yield return new("general.name", name);
        yield return new("general.file_type", FileType(type));
        if (type is GgmlType.Q8_0 or GgmlType.Q4_0) yield return new("general.quantization_version", 2u);
        yield return new($"{a}.vocab_size", (uint)config.VocabularySize);
        yield return new($"{a}.context_length", (uint)GgufRope.MaxLength(config));
        yield return new($"{a}.embedding_length", (uint)config.Width);
        yield return new($"{a}.block_count", (uint)config.Layers);
        yield return new($"{a}.feed_forward_length", (uint)config.FeedForwardWidth);
        yield return new($"{a}.attention.head_count", (uint)config.Heads);
        yield return new($"{a}.attention.head_count_kv", (uint)config.KeyValueHeads);
        yield return new($"{a}.attention.key_length", (uint)config.HeadWidth);
        yield return new($"{a}.attention.value_length", (uint)config.HeadWidth);
        yield return new($"{a}.attention.layer_norm_rms_epsilon", (float)config.NormEpsilon);
        foreach (KeyValuePair<string, object> key in GgufRope.Keys(config, a)) yield return key;
        if (a == GgufArchitecture.LlamaEmbed) yield return new($"{a}.attention.causal", true);
    }

    /// <summary>llama.cpp's number for what most of the weights are.</summary>
    static uint FileType(GgmlType type) => type switch
    {
        GgmlType.F32 => 0,
        GgmlType.F16 => 1,
        GgmlType.Q4_0 => 2,
        GgmlType.Q8_0 => 7,
        GgmlType.BF16 => 32,
        _ => throw new ArgumentException($"type {type} is not written here", nameof(type)),
    };
}
