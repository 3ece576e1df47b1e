using CsCheck;
using Larr.Export;
using Larr.Gguf;
using Larr.Llama;
using Larr.Model;
using Larr.Runs;
using Larr.Tests.Model;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Tests.Export;

/// <summary>The exported file, read back by the strict reader.</summary>
[Collection("torch")]
public sealed class GgufExportTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly TextTokenizer _tokenizer = SmallModel.Tokenizer();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_Qwen_3_has_the_approved_names_types_and_shapes()
    {
        using GgufReader file = Export(Config with { QueryKeyNorm = true, TiedHead = false, Width = 64, Heads = 2, KeyValueHeads = 1, HeadWidth = 32, FeedForwardWidth = 96 }, GgmlType.Q8_0);
        Assert.Equal($"""
            token_embd.weight Q8_0 [{Rows}, 64]
            blk.0.attn_norm.weight F32 [64]
            blk.0.attn_q.weight Q8_0 [64, 64]
            blk.0.attn_k.weight Q8_0 [32, 64]
            blk.0.attn_v.weight Q8_0 [32, 64]
            blk.0.attn_q_norm.weight F32 [32]
            blk.0.attn_k_norm.weight F32 [32]
            blk.0.attn_output.weight Q8_0 [64, 64]
            blk.0.ffn_norm.weight F32 [64]
            blk.0.ffn_gate.weight Q8_0 [96, 64]
            blk.0.ffn_up.weight Q8_0 [96, 64]
            blk.0.ffn_down.weight Q8_0 [64, 96]
            output_norm.weight F32 [64]
            output.weight Q8_0 [{Rows}, 64]
            """.ReplaceLineEndings("\n"), string.Join("\n", file.Tensors.Values.Select(t => $"{t.Name} {t.Type} [{string.Join(", ", t.Shape)}]")));
        Assert.Equal("qwen3", file.Values.Text("general.architecture"));
        Assert.Equal((7, 2, 64, 1, 2, 1, 32), ((int)file.Values.Number("general.file_type"), (int)file.Values.Number("general.quantization_version"), (int)file.Values.Number("qwen3.embedding_length"),
            (int)file.Values.Number("qwen3.block_count"), (int)file.Values.Number("qwen3.attention.head_count"), (int)file.Values.Number("qwen3.attention.head_count_kv"), (int)file.Values.Number("qwen3.attention.key_length")));
    }

    [Fact]
    public void Rows_of_q_and_k_are_written_in_pairs_for_Llama_alone()
    {
        using var decoder = new Decoder(Config, seed: 1);
        using GgufReader llama = Export(decoder, GgmlType.F32, headless: true);
        float[] qkv = decoder.state_dict()["layers.0.attention.qkv.weight"].data<float>().ToArray();
        float[] Ours(int row) => qkv[(row * 32)..((row + 1) * 32)];
        float[] q = llama.Read("blk.0.attn_q.weight"), k = llama.Read("blk.0.attn_k.weight"), v = llama.Read("blk.0.attn_v.weight");
        // Head 1 of width 8, rows 8 to 15: halves (8 9 10 11) and (12 13 14 15) become pairs.
        foreach ((int theirs, int ours) in new[] { (8, 8), (9, 12), (10, 9), (11, 13), (14, 11), (15, 15) })
        {
            Assert.Equal(Ours(ours), q[(theirs * 32)..((theirs + 1) * 32)]);
            Assert.Equal(Ours(32 + ours), k[(theirs * 32)..((theirs + 1) * 32)]);
            Assert.Equal(Ours(48 + theirs), v[(theirs * 32)..((theirs + 1) * 32)]);
        }
        Assert.Equal("llama-embed", llama.Values.Text("general.architecture"));
        Assert.True(llama.Values.Flag("llama-embed.attention.causal"));

        using GgufReader qwen = Export(Config with { QueryKeyNorm = true }, GgmlType.F32);
        Assert.Equal(Ours(9), qwen.Read("blk.0.attn_q.weight")[(9 * 32)..(10 * 32)]);
    }

    [Fact]
    public void Headless_leaves_out_a_free_head_and_narrow_rows_are_no_Q8_0_blocks()
    {
        using GgufReader file = Export(Config with { AttentionBias = true, TiedHead = false, FeedForwardWidth = 40 }, GgmlType.Q8_0, headless: true);
        Assert.DoesNotContain("output.weight", file.Tensors.Keys);
        Assert.Equal((GgmlType.F16, GgmlType.F32), (file.Tensors["blk.0.ffn_down.weight"].Type, file.Tensors["blk.0.attn_q.bias"].Type));
        Assert.Equal("qwen2", file.Values.Text("general.architecture"));
    }

    [Fact]
    public void The_tokenizer_is_written_with_its_special_tokens_and_padding_rows()
    {
        using GgufReader file = Export(Config with { VocabularySize = Rows + 2 }, GgmlType.BF16);
        IReadOnlyList<string> tokens = file.Values.Texts("tokenizer.ggml.tokens");
        IReadOnlyList<int> kinds = file.Values.Numbers("tokenizer.ggml.token_type");
        Assert.Equal((Rows + 2, Rows + 2), (tokens.Count, kinds.Count));
        Assert.Equal(("<|endoftext|>", 3), (tokens[_tokenizer.EndId], kinds[_tokenizer.EndId]));
        Assert.Equal(("[PAD" + Rows + "]", 5), (tokens[Rows], kinds[Rows]));
        Assert.Equal(_tokenizer.EndId, file.Values.Number("tokenizer.ggml.eos_token_id"));
        Assert.Equal(("gpt2", "gpt-2", false), (file.Values.Text("tokenizer.ggml.model"), file.Values.Text("tokenizer.ggml.pre"), file.Values.Flag("tokenizer.ggml.add_bos_token")));
        Assert.Equal(_tokenizer.Json.Merges.Count, file.Values.Texts("tokenizer.ggml.merges").Count);
    }

    [Theory]
    [InlineData(float.NaN, GgmlType.F32, "found NaN; expected finite numbers")]
    [InlineData(70000f, GgmlType.F16, "found 70000; expected at most 65504, as F16 holds")]
    [InlineData(float.PositiveInfinity, GgmlType.Q8_0, "expected finite numbers")]
    public void A_weight_that_the_type_cannot_hold_is_refused_and_no_file_is_left(float weight, GgmlType type, string says)
    {
        using var decoder = new Decoder(Config, seed: 1);
        using (no_grad()) decoder.state_dict()["layers.0.attention.output.weight"].fill_(weight);
        string message = Assert.Throws<InputException>(() => Export(decoder, type)).Message;
        Assert.Contains("model.layers.0.self_attn.o_proj.weight", message);
        Assert.Contains(says, message);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void What_llama_cpp_cannot_have_is_refused()
    {
        var stretched = new YarnScaling(2, 32) { Truncate = false };
        Assert.Contains("truncate", Assert.Throws<InputException>(() => Export(Config with { RopeScaling = stretched }, GgmlType.F32)).Message);
        Assert.Contains("llama3", Assert.Throws<InputException>(() => Export(Config with { QueryKeyNorm = true, RopeScaling = new Llama3Scaling(2, 1, 4, 32) }, GgmlType.F32)).Message);
        Assert.Contains("attention_bias", Assert.Throws<InputException>(() => Export(Config with { QueryKeyNorm = true, AttentionBias = true, OutputBias = true }, GgmlType.F32)).Message);
        using GgufReader window = Export(Config with { Window = 40 }, GgmlType.F32);
        Assert.Equal(40, window.Values.Number("llama.context_length"));
    }

    [Fact]
    public void Llama_cpp_cuts_texts_into_our_tokens()
    {
        Assert.SkipWhen(LlamaLibrary.WhyAbsent is not null, LlamaLibrary.WhyAbsent ?? "");
        TextTokenizer pieces = TextTokenizer.Of(Llama2cVocabulary.Read(TestData.File("tinyllama", "tok512.bin"), 512));
        foreach (TextTokenizer tokenizer in new[] { _tokenizer, pieces })
        {
            string file = _folder.At($"{tokenizer.VocabularySize}.gguf");
            using (var decoder = new Decoder(Config with { VocabularySize = tokenizer.VocabularySize }, seed: 1)) GgufExport.Write(decoder, tokenizer, file, GgmlType.F32, headless: false);
            using var model = new LlamaModel(file);
            Assert.Equal(tokenizer.BeginId is { } begin ? [begin, .. tokenizer.Encode("tea")] : tokenizer.Encode("tea"), model.Tokenize("tea", begin: true, special: false));
            foreach (string text in new[] { "Once upon a time, there was", "soup  and\n\nrice äö 日本 🙂", " the meal" }) Agree(text);
            Gen.String[Gen.Char[' ', '~'], 0, 40].Sample(Agree, iter: 200, threads: 1);

            void Agree(string text) => Assert.Equal(tokenizer.Encode(text), model.Tokenize(text, begin: false, special: false));
        }
    }

    int Rows => _tokenizer.VocabularySize;

    DecoderConfig Config => DecoderConfig.Nano with { VocabularySize = Rows, Layers = 1 };

    GgufReader Export(DecoderConfig config, GgmlType type, bool headless = false)
    {
        using var decoder = new Decoder(config, seed: 1);
        return Export(decoder, type, headless);
    }

    GgufReader Export(Decoder decoder, GgmlType type, bool headless = false)
    {
        string file = _folder.At("x.gguf");
        GgufExport.Write(decoder, _tokenizer, file, type, headless);
        return new GgufReader(file);
    }
}
