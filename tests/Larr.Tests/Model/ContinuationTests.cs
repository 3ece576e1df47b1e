using Larr.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Larr.Tests.Model;

[Collection("torch")]
public class ContinuationTests
{
    static readonly HashSet<int> none = [];

    [Fact]
    public void Each_token_is_the_best_after_all_before_it()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var decoder = new Decoder(DecoderConfig.Nano, 3);
        DecoderTests.Disturb(decoder);
        List<int> text = [5, 17, 3];
        int[] made = [.. Continuation.Of(decoder, text, 12, Sampler.Greedy, none, TestContext.Current.CancellationToken)];
        Assert.Equal(12, made.Length);
        foreach (int token in made)
        {
            Assert.Equal((int)decoder.forward(DecoderTests.Ids([.. text]))[0, -1].argmax().item<long>(), token);
            text.Add(token);
        }
    }

    [Fact]
    public void An_end_token_ends_the_text_and_is_no_part_of_it()
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano, 3);
        DecoderTests.Disturb(decoder);
        int[] made = [.. Continuation.Of(decoder, [5, 17, 3], 12, Sampler.Greedy, none, TestContext.Current.CancellationToken)];
        int[] ended = [.. Continuation.Of(decoder, [5, 17, 3], 12, Sampler.Greedy, new HashSet<int> { made[4] }, TestContext.Current.CancellationToken)];
        Assert.Equal(made[..Array.IndexOf(made, made[4])], ended);
    }

    [Fact]
    public void No_tensor_is_left_behind_also_where_the_reader_stops_early()
    {
        using var decoder = new Decoder(DecoderConfig.Nano, 3);
        _ = Continuation.Of(decoder, [1], 2, Sampler.Greedy, none, TestContext.Current.CancellationToken).Count(); // makes the table of angles
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        _ = Continuation.Of(decoder, [5, 17], 9, Sampler.Greedy, none, TestContext.Current.CancellationToken).Count();
        _ = Continuation.Of(decoder, [5, 17], 9, Sampler.Greedy, none, TestContext.Current.CancellationToken).Take(3).Count();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_text_longer_than_the_model_reads_is_refused()
    {
        using var decoder = new Decoder(DecoderConfig.Nano, 3);
        Assert.Throws<ArgumentException>(() => Continuation.Of(decoder, [5], DecoderConfig.Nano.MaxLength, Sampler.Greedy, none, TestContext.Current.CancellationToken).First());
        Assert.Throws<ArgumentException>(() => Continuation.Of(decoder, [], 3, Sampler.Greedy, none, TestContext.Current.CancellationToken).First());
    }
}
