using Larr.Model;
using Larr.Runs;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Tests.Model;

[Collection("torch")]
public class SpecialTokenInitTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void New_rows_lie_at_the_mean_of_their_descriptions_rows_also_in_a_padded_table(bool tied)
    {
        using var scope = NewDisposeScope();
        TextTokenizer tokenizer = SmallModel.Tokenizer();
        int known = tokenizer.VocabularySize;
        using var decoder = new Decoder(DecoderConfig.Nano with { VocabularySize = known + 40, TiedHead = tied }, 1); // padded beyond the vocabulary
        using Tensor before = decoder.HeadWeight.detach().clone();
        Dictionary<string, string> tokens = new() { ["<|meal|>"] = "breakfast or dinner", ["<|drink|>"] = "coffee or tea" };
        tokenizer.AddSpecial(tokens.Keys);
        SpecialTokenInit.Apply(decoder, tokenizer, tokens, 7);
        float typical = before.narrow(0, 0, known).square().sum(1).mean().sqrt().item<float>();
        foreach ((string token, string description) in tokens)
        {
            Tensor mean = before.index_select(0, tensor(tokenizer.Encode(description).Select(i => (long)i).ToArray())).mean([0]);
            float distance = (decoder.HeadWeight[tokenizer.Id(token)] - mean).norm().item<float>();
            Assert.InRange(distance / typical, 0.05, 0.15); // the noise alone: a tenth of a row, give or take
        }
        long[] others = [.. Enumerable.Range(0, known + 40).Where(i => i != tokenizer.Id("<|meal|>") && i != tokenizer.Id("<|drink|>")).Select(i => (long)i)];
        Assert.True(decoder.HeadWeight.index_select(0, tensor(others)).equal(before.index_select(0, tensor(others))).all().item<bool>());
    }

    [Fact]
    public void Tokens_are_added_once_and_found_again_in_a_checkpoint_that_has_them()
    {
        TextTokenizer tokenizer = SmallModel.Tokenizer();
        using Decoder decoder = SmallModel.Decoder(tokenizer);
        Dictionary<string, string> tokens = new() { ["<|mark|>"] = "the day", ["<|meal|>"] = "breakfast" };
        Assert.Equal(["<|mark|>", "<|meal|>"], SpecialTokenInit.Add(decoder, tokenizer, tokens, "<|mark|>", 7));
        Assert.Equal(decoder.Config.VocabularySize, tokenizer.VocabularySize);
        tokens["<|drink|>"] = "coffee";
        Assert.Equal(["<|drink|>"], SpecialTokenInit.Add(decoder, tokenizer, tokens, "<|mark|>", 7));
    }

    [Theory]
    [InlineData("<|meal|>", false)]
    [InlineData("<|endoftext|>", false)]
    [InlineData("<|endoftext|>", true)]
    public void A_token_that_means_something_else_already_is_refused(string token, bool marked)
    {
        TextTokenizer tokenizer = SmallModel.Tokenizer();
        using Decoder decoder = SmallModel.Decoder(tokenizer);
        tokenizer.AddSpecial(marked ? ["<|meal|>", "<|mark|>"] : ["<|meal|>"]);
        string message = Assert.Throws<InputException>(() => SpecialTokenInit.Add(decoder, tokenizer, new Dictionary<string, string> { [token] = "a meal" }, "<|mark|>", 7)).Message;
        Assert.Contains($"found {token}, which is there already", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_description_without_known_tokens_is_refused()
    {
        TextTokenizer tokenizer = SmallModel.Tokenizer();
        using var decoder = new Decoder(DecoderConfig.Nano with { VocabularySize = tokenizer.VocabularySize + 1 }, 1);
        tokenizer.AddSpecial(["<|meal|>"]);
        Assert.Throws<ArgumentException>(() => SpecialTokenInit.Apply(decoder, tokenizer, new Dictionary<string, string> { ["<|meal|>"] = "<|meal|>" }, 7));
    }
}
