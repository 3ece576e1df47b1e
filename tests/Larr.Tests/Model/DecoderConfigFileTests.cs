using Larr.Model;
using Larr.Runs;

namespace Larr.Tests.Model;

public sealed class DecoderConfigFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("mistral", """ "sliding_window": 4096 """, 4096, 0)]
    [InlineData("mistral", """ "sliding_window": null """, null, 0)]
    [InlineData("qwen2", """ "sliding_window": 4096, "use_sliding_window": true, "max_window_layers": 1 """, 4096, 1)]
    [InlineData("qwen2", """ "sliding_window": 4096, "use_sliding_window": true, "max_window_layers": 3 """, null, 0)]
    [InlineData("qwen2", """ "sliding_window": 4096, "use_sliding_window": false, "max_window_layers": 1 """, null, 0)]
    [InlineData("qwen2", """ "sliding_window": 4096, "use_sliding_window": true, "layer_types": ["full_attention", "full_attention", "sliding_attention"] """, 4096, 2)]
    [InlineData("llama", """ "sliding_window": 4096 """, null, 0)]
    public void A_sliding_window_is_read_where_the_family_has_it(string family, string keys, int? window, int from)
    {
        DecoderConfig config = Read(family, keys);
        Assert.Equal((window, from), (config.Window, config.WindowFrom));
    }

    [Theory]
    [InlineData(""" "rope_scaling": {"type": "linear", "factor": 2.0} """, 1000)]
    [InlineData(""" "rope_scaling": {"rope_type": "dynamic", "factor": 2.0} """, 2000)]
    [InlineData(""" "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 1000} """, 4000)]
    [InlineData(""" "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 125} """, 1000)]
    [InlineData(""" "rope_parameters": {"rope_type": "default", "rope_theta": 70000.0} """, 1000)]
    public void The_longest_text_follows_from_the_scaling(string keys, int length) => Assert.Equal(length, Read("llama", keys).MaxLength);

    [Fact]
    public void The_newer_place_of_the_base_is_read() =>
        Assert.Equal(70000, Read("llama", """ "rope_parameters": {"rope_type": "default", "rope_theta": 70000.0} """).RopeTheta);

    [Theory]
    [InlineData("gpt2", """ "a": 0 """, "llama, mistral, qwen2 or qwen3")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "longrope", "factor": 2} """, "rope_scaling.rope_type: found longrope")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "linear"} """, "rope_scaling.factor")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "linear", "factor": -2} """, "factor -2")]
    [InlineData("llama", """ "rope_scaling": "linear" """, "expected an object")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 1} """, "high_freq_factor")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "yarn", "factor": 8, "mscale": 0.7} """, "rope_scaling.mscale")]
    [InlineData("llama", """ "rope_scaling": {"rope_type": "yarn", "factor": 8, "original_max_position_embeddings": 0} """, "a positive number")]
    [InlineData("mistral", """ "sliding_window": 0 """, "Window is 0")]
    [InlineData("qwen2", """ "attention_bias": true """, "false for qwen2")]
    [InlineData("qwen2", """ "sliding_window": 9, "use_sliding_window": true, "layer_types": ["sliding_attention", "full_attention", "full_attention"] """, "layer_types[1]")]
    [InlineData("qwen2", """ "sliding_window": 9, "use_sliding_window": true, "layer_types": ["sliding_attention"] """, "num_hidden_layers 3")]
    [InlineData("llama", """ "mlp_bias": true """, "mlp_bias")]
    public void What_is_not_supported_is_refused_in_one_line(string family, string keys, string says)
    {
        string message = Assert.Throws<InputException>(() => Read(family, keys)).Message;
        Assert.StartsWith(folder.At("config.json"), message);
        Assert.Contains(says, message);
        Assert.DoesNotContain('\n', message);
    }

    DecoderConfig Read(string family, string keys) => DecoderConfigFile.Read(folder.Write("config.json", $$"""
        {"model_type": "{{family}}", "vocab_size": 10, "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 8,
         "max_position_embeddings": 1000, {{keys}}}
        """));
}
