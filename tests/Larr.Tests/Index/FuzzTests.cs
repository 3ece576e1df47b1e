using Larr.Index;

namespace Larr.Tests.Index;

/// <summary>Damaged files of every kind: see <see cref="IndexFuzz"/>. <c>scripts/check-index --fuzz 1000000</c> runs more of the same inputs.</summary>
public sealed class FuzzTests
{
    const int Inputs = 1000;

    [Fact]
    public void Readers_of_damaged_files_answer_rightly_or_complain_with_the_place()
    {
        using var temporary = new TemporaryFolder();
        using var fuzz = new IndexFuzz(temporary.Path, seed: 1);
        FuzzCount all = fuzz.Run(Inputs);
        Assert.Empty(fuzz.Faults);
        Assert.Equal(Inputs, all.Inputs);
        Assert.Equal(0, all.Wrong);
        Assert.InRange(all.Refused, Inputs / 2, Inputs);
    }

    [Fact]
    public void Every_file_of_the_format_is_damaged()
    {
        using var temporary = new TemporaryFolder();
        using var fuzz = new IndexFuzz(temporary.Path, seed: 2);
        fuzz.Run(Inputs);
        IEnumerable<string> files = IndexFormat.SegmentFiles.Select(f => "segment/" + f).Concat(IndexFormat.GenerationFiles.Select(f => "generation/" + f))
            .Concat(["segment/header", "segment/checksums", "generation/header", "generation/checksums", "live"]);
        Assert.Empty(files.Except(fuzz.Counts.Keys));
    }
}
