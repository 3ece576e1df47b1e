using Larr.Model;
using Larr.Tests.Model;
using Larr.Train;
using TorchSharp;
using static TorchSharp.torch;

namespace Larr.Tests.Train;

[Collection("torch")]
public sealed class TrainStepTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Accumulated_parts_give_the_step_of_the_whole()
    {
        using var scope = NewDisposeScope();
        using Decoder whole = new(DecoderConfig.Nano, 1), parts = new(DecoderConfig.Nano, 1);
        using FusedAdamW a = ParameterGroups.AdamW(whole, new OptimConfig()), b = ParameterGroups.AdamW(parts, new OptimConfig());
        Tensor first = DecoderTests.Ids([1, 2, 3]), second = DecoderTests.Ids([4, 5, 6]);
        double one = new TrainStep(whole, a, 1).Run(1e-3, () => whole.forward(cat([first, second])).square().sum());
        double two = new TrainStep(parts, b, 1).Run(1e-3, () => parts.forward(first).square().sum(), () => parts.forward(second).square().sum());
        Assert.Equal(one, two, 1e-3);
        Assert.All(whole.parameters().Zip(parts.parameters()), p => Assert.True(p.First.allclose(p.Second, atol: 1e-4)));
    }

    [Fact]
    public void Matrices_decay_and_vectors_do_not()
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano, 1);
        using FusedAdamW optimizer = ParameterGroups.AdamW(decoder, new OptimConfig { WeightDecay = 0.5 });
        Tensor matrix = decoder.EmbeddingWeight.detach().clone();
        new TrainStep(decoder, optimizer, 1).Run(0.1, () => decoder.forward(DecoderTests.Ids([1])).sum() * 0);
        Assert.True(decoder.EmbeddingWeight.allclose(matrix * 0.95, atol: 1e-6)); // 1 − 0.1 · 0.5
        Assert.True(decoder.state_dict()["norm.weight"].equal(ones(32)).all().item<bool>());
    }

    [Fact]
    public void A_diverged_loss_stops_and_leaves_the_weights()
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano, 1);
        using FusedAdamW optimizer = ParameterGroups.AdamW(decoder, new OptimConfig());
        byte[] before = DecoderTests.Bits(decoder);
        var step = new TrainStep(decoder, optimizer, 1);
        Assert.Throws<InvalidOperationException>(() => step.Run(1e-3, () => decoder.forward(DecoderTests.Ids([1])).sum() * float.NaN));
        Assert.Equal(before, DecoderTests.Bits(decoder));
    }

    [Fact]
    public void A_checkpoint_goes_on_with_the_same_bits()
    {
        using var scope = NewDisposeScope();
        using var straight = new Decoder(DecoderConfig.Nano, 1);
        using FusedAdamW a = ParameterGroups.AdamW(straight, new OptimConfig());
        Steps(straight, a, 0, 6);
        using var first = new Decoder(DecoderConfig.Nano, 1);
        using FusedAdamW b = ParameterGroups.AdamW(first, new OptimConfig());
        Steps(first, b, 0, 2);
        Checkpoint.Save(folder.Path, 2, first, b, "position two");
        Steps(first, b, 2, 3);
        Checkpoint.Save(folder.Path, 3, first, b, "position three");
        Directory.CreateDirectory(folder.At("checkpoint.writing")); // what a kill leaves behind
        using var second = new Decoder(DecoderConfig.Nano, 99);
        using FusedAdamW c = ParameterGroups.AdamW(second, new OptimConfig());
        Assert.True(Checkpoint.TryLoad(folder.Path, second, c, out long step, out string? state));
        Assert.Equal((3, "position three"), (step, state));
        Steps(second, c, 3, 6);
        Assert.Equal(DecoderTests.Bits(straight), DecoderTests.Bits(second));
        Checkpoint.Clear(folder.Path);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Steps_leave_no_tensors()
    {
        using var decoder = new Decoder(DecoderConfig.Nano, 1);
        using FusedAdamW optimizer = ParameterGroups.AdamW(decoder, new OptimConfig());
        Steps(decoder, optimizer, 0, 1);
        long counted = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Steps(decoder, optimizer, 1, 11);
        Assert.Equal(counted, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    static void Steps(Decoder decoder, FusedAdamW optimizer, int from, int to)
    {
        var step = new TrainStep(decoder, optimizer, 1);
        for (int i = from; i < to; i++)
        {
            int token = i;
            step.Run(1e-3, () =>
            {
                using var scope = NewDisposeScope();
                return decoder.forward(DecoderTests.Ids([token, token + 1, 7])).square().mean().MoveToOuterDisposeScope();
            });
        }
    }
}
