using Larr.Embed.Packed;

namespace Larr.Tests.Embed.Packed;

public sealed class TokenForestTests
{
    [Fact]
    public void A_shared_beginning_has_its_rows_once()
    {
        // the weather is sunny / the weather is light rain / it is lunch, with 0 as the embedding token
        var forest = new TokenForest();
        forest.Add([1, 2, 3, 4, 0]);
        forest.Add([1, 2, 3, 5, 6, 0]);
        forest.Add([7, 3, 8, 0]);

        Assert.Equal([1, 2, 3, 4, 0, 5, 6, 0, 7, 3, 8, 0], forest.Ids);
        Assert.Equal([0, 1, 2, 3, 4, 3, 4, 5, 0, 1, 2, 3], forest.Positions);
        Assert.Equal([0, 1, 2, 5, 6, 7], forest.Path(1));
        Assert.Equal([8, 9, 10, 11], forest.Path(2));
        Assert.Equal([5, 3, 4], Enumerable.Range(0, 3).Select(forest.Own));
        Assert.Equal(1, forest.RowsFor([7, 3, 8, 9]));
    }
}
