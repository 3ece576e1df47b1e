using CsCheck;
using Larr.Model;
using Larr.Pretrain;
using static TorchSharp.torch;

namespace Larr.Tests.Pretrain;

[Collection("torch")]
public class PackedRowsTests
{
    const int End = 9;

    [Fact]
    public void Documents_are_packed_longest_first_into_the_fullest_row_that_fits()
    {
        var rows = new PackedRows([[1, 2, 3], [4], [5, 6], [7]], 6, End);
        Assert.Equal(2, rows.Count);
        Assert.Equal([1, 2, 3, End, 4, End], rows.Ids[..6]);
        Assert.Equal([5, 6, End, 7, End, End], rows.Ids[6..]);
        Assert.Equal([2, 2, 2, 3, 3, PackedRows.Padding], rows.Documents[6..]);
        Assert.Equal(11, rows.Tokens);
    }

    [Fact]
    public void Every_token_of_every_document_is_there_once_and_in_order() =>
        Gen.Int[0, 8].Array[1, 30].Array[1, 20].Sample(documents =>
        {
            var rows = new PackedRows(documents, 16, End);
            var pieces = rows.Ids.Zip(rows.Documents).Where(p => p.Second >= 0).GroupBy(p => p.Second).OrderBy(g => g.Key).SelectMany(g => g.Select(p => p.First));
            var expected = documents.SelectMany(d => ((int[])[.. d, End]).Chunk(16)).Where(p => p.Length > 1).SelectMany(p => p);
            Assert.Equal(expected, pieces);
        }, iter: 200);

    [Fact]
    public void The_next_token_is_asked_for_within_a_document_only()
    {
        var rows = new PackedRows([[1, 2], [3]], 6, End);
        long[] next = new long[6];
        new TargetSegments(null, new HashSet<int>()).Next(rows.Ids, rows.Documents, next);
        Assert.Equal([2, End, TargetSegments.Ignored, End, TargetSegments.Ignored, TargetSegments.Ignored], next);
    }

    [Fact]
    public void Only_target_segments_are_asked_for_where_targets_are_named()
    {
        // 20 opens a name (given), 21 a category (target); the token that opens the name after the category is not asked for.
        var rows = new PackedRows([[20, 1, 21, 2, 3, 20, 4, 21, 5]], 10, End);
        long[] next = new long[10];
        new TargetSegments(new HashSet<int> { 21 }, new HashSet<int> { 20, 21 }).Next(rows.Ids, rows.Documents, next);
        const long no = TargetSegments.Ignored;
        Assert.Equal([no, no, 2, 3, no, no, no, 5, End, no], next);
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.BFloat16, 0.05)]
    public void A_packed_document_has_the_hidden_states_it_has_alone(ScalarType compute, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(DecoderConfig.Nano with { QueryKeyNorm = true }, 4) { Compute = compute };
        int[][] documents = [[11, 12, 13, 14, 15], [21, 22, 23], [31, 32, 33, 34, 35, 36]];
        var rows = new PackedRows(documents, 12, End);
        PackedBatch batch = PackedBatch.Of(rows, [.. Enumerable.Range(0, rows.Count)], new TargetSegments(null, new HashSet<int>()));
        Tensor packed = decoder.Hidden(batch.Ids, batch.Runs).flatten(0, 1);
        for (int d = 0; d < documents.Length; d++)
        {
            Tensor alone = decoder.Hidden(Model.DecoderTests.Ids(documents[d])).squeeze(0);
            int begin = Array.IndexOf(rows.Documents, d);
            Assert.True(packed.narrow(0, begin, documents[d].Length).allclose(alone, rtol: tolerance, atol: tolerance));
        }
        Assert.False(packed.isnan().any().item<bool>());
    }
}
