using CsCheck;
using Larr.Data;

namespace Larr.Tests.Data;

public sealed class SplitCutTests
{
    [Fact]
    public void A_time_split_moves_its_cuts_to_the_next_change_of_time()
    {
        // Ten rows, validation 0.2, test 0.2: cuts at rows 6 and 8 move to 7 and 9, where the time changes.
        long[] times = [1, 1, 2, 3, 4, 5, 5, 6, 6, 7];
        Part[] parts = SplitCut.ByTime(times, 0.2, 0.2);
        Assert.Equal([.. Enumerable.Repeat(Part.Train, 7), Part.Validation, Part.Validation, Part.Test], parts);
    }

    [Fact]
    public void No_split_by_group_cuts_a_group_and_the_shares_come_out()
    {
        Gen.Select(Gen.Int[20, 60], Gen.Int[1, 1000]).Sample((groupCount, seed) =>
        {
            int[] groups = [.. Enumerable.Range(0, groupCount * 3).Select(r => r % groupCount)];
            Part[] parts = SplitCut.ByGroup(groups, groupCount, 0.25, 0.25, seed);
            for (int g = 0; g < groupCount; g++) Assert.Single(parts.Where((_, r) => groups[r] == g).Distinct());
            int test = parts.Count(p => p == Part.Test) / 3;
            Assert.InRange(test, (groupCount / 4) - 1, (groupCount / 4) + 1);
        }, iter: 50);
    }

    [Fact]
    public void Folds_test_every_group_exactly_once_and_differ_by_one_group_at_most()
    {
        Gen.Select(Gen.Int[10, 80], Gen.Int[2, 7], Gen.Int[1, 1000]).Sample((groupCount, folds, seed) =>
        {
            int[] groups = [.. Enumerable.Range(0, groupCount)];
            int[] tested = new int[groupCount];
            var sizes = new List<int>();
            for (int fold = 0; fold < folds; fold++)
            {
                Part[] parts = SplitCut.ByGroupFold(groups, groupCount, 0.2, folds, fold, seed);
                for (int g = 0; g < groupCount; g++) tested[g] += parts[g] == Part.Test ? 1 : 0;
                int test = parts.Count(p => p == Part.Test);
                sizes.Add(test);
                Assert.Equal((int)Math.Round((groupCount - test) * 0.2), parts.Count(p => p == Part.Validation));
            }
            Assert.All(tested, t => Assert.Equal(1, t));
            Assert.InRange(sizes.Max() - sizes.Min(), 0, 1);
        }, iter: 50);
    }

    [Fact]
    public void A_random_split_is_the_seeds_and_keeps_its_shares()
    {
        Part[] parts = SplitCut.Random(20_000, 0.1, 0.3, seed: 5);
        Assert.Equal(parts, SplitCut.Random(20_000, 0.1, 0.3, seed: 5));
        Assert.NotEqual(parts, SplitCut.Random(20_000, 0.1, 0.3, seed: 6));
        Assert.InRange(parts.Count(p => p == Part.Validation) / 20_000.0, 0.09, 0.11);
        Assert.InRange(parts.Count(p => p == Part.Test) / 20_000.0, 0.285, 0.315);
    }
}
