using Larr.Adapt;
using Larr.Ctr;
using Larr.Data;
using Larr.Tests.Ctr;

namespace Larr.Tests.Adapt;

public sealed class EpochChoiceTests : IDisposable
{
    readonly PlantedTable _planted = new(600);

    public void Dispose() => _planted.Dispose();

    // After each epoch every row's click or its absence has the probability named.
    DomainCurve Curve(string domain, int from, int rows, params double[] confidence)
    {
        int[] validation = [.. _planted.Table.RowsOf(Part.Validation).Skip(from).Take(rows)];
        byte[] clicks = Columns.Pick(_planted.Table.Labels, validation);
        return new DomainCurve(new DomainPart(0, domain, [], validation, [], []),
            [.. confidence.Select(c => new CtrPredictions([.. clicks.Select(click => (float)(click == 1 ? c : 1 - c))], []))]);
    }

    [Fact]
    public void All_domains_have_the_epoch_that_is_best_over_all_their_rows()
    {
        // Alone, the first would choose epoch 2, where the second loses more than that.
        DomainCurve first = Curve("a", 0, 10, .6, .7, .9), second = Curve("b", 10, 20, .6, .8, .62);
        Assert.Equal(new Dictionary<string, int> { ["a"] = 1, ["b"] = 1 }, EpochChoice.Of(_planted.Table, [first, second]));
        Assert.Equal(2, EpochChoice.Of(_planted.Table, [first])["a"]);
    }

    [Fact]
    public void A_domain_that_the_epoch_does_not_help_keeps_the_pre_trained_model() =>
        Assert.Equal(
            new Dictionary<string, int> { ["a"] = 2, ["b"] = 0, ["c"] = 0 },
            EpochChoice.Of(_planted.Table, [Curve("a", 0, 30, .6, .7, .9), Curve("b", 30, 10, .6, .7, .59), Curve("c", 40, 10, .6, .7, .6)]));

    [Fact]
    public void Where_training_never_helps_every_domain_does() =>
        Assert.Equal(0, EpochChoice.Of(_planted.Table, [Curve("a", 0, 30, .6, .59, .5)])["a"]);

    [Fact]
    public void Without_domains_there_is_nothing_to_choose() => Assert.Empty(EpochChoice.Of(_planted.Table, []));
}
