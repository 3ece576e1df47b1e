using CsCheck;
using Larr.Embed;
using Larr.Index;
using Larr.Runs;

namespace Larr.Tests.Index;

/// <summary>Every way a file can be broken ends in one line that names file, block and offset, never in a wrong answer.</summary>
public sealed class DamageTests
{
    static readonly IndexConfig s_lists = new() { ApproximateFrom = 1000 };

    [Fact]
    public void Every_truncation_of_every_file_is_refused_when_opened()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(2));
        foreach (string path in Files(temporary))
        {
            byte[] whole = File.ReadAllBytes(path);
            for (int length = 0; length < whole.Length; length++)
            {
                File.WriteAllBytes(path, whole[..length]);
                AssertNamesThePlace(Assert.Throws<InputException>(() => folder.OpenLive().Dispose()), path);
            }
            File.WriteAllBytes(path, [.. whole, 0]);
            AssertNamesThePlace(Assert.Throws<InputException>(() => folder.OpenLive().Dispose()), path);
            File.Delete(path);
            AssertNamesThePlace(Assert.Throws<InputException>(() => folder.OpenLive().Dispose()), path);
            File.WriteAllBytes(path, whole);
        }
        folder.OpenLive().Dispose();
    }

    [Fact]
    public void Every_flipped_bit_is_found_by_verify_and_never_read()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        ValueText[] rows = Rows.Of(6000); // several blocks in most files
        Rows.Refresh(folder, rows, s_lists);
        string[] files = [.. Files(temporary).Where(f => new FileInfo(f).Length > 0)];

        Gen.Select(Gen.Int[0, files.Length - 1].Select(i => files[i]), Gen.Double.Unit, Gen.Int[0, 7]).Sample((path, position, bit) =>
        {
            byte[] whole = File.ReadAllBytes(path);
            byte[] damaged = [.. whole];
            damaged[(int)(position * (whole.Length - 1))] ^= (byte)(1 << bit);
            File.WriteAllBytes(path, damaged);
            try
            {
                AssertNamesThePlace(Assert.Throws<InputException>(() =>
                {
                    using Generation live = folder.OpenLive();
                    live.CheckAll();
                }), path);
                AssertReadsRightOrRefuses(folder, rows[^1]);
            }
            finally { File.WriteAllBytes(path, whole); }
        }, iter: 60, threads: 1);
    }

    [Fact]
    public void A_damaged_block_is_named_by_number_and_offset()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(6000));
        string path = temporary.At("segment-000001/vectors");
        byte[] bytes = File.ReadAllBytes(path);
        bytes[65536 + 17] ^= 1;
        File.WriteAllBytes(path, bytes);

        using Generation live = folder.OpenLive();
        Assert.Equal(8, live.Vector(0).Length);
        int row = 65536 / 32;
        Assert.StartsWith($"{path}: block 1 at byte 65536: found checksum ", Assert.Throws<InputException>(() => live.Vector(row).Length).Message);
        Assert.Throws<InputException>(() => live.Search(Rows.Vector("a"), 1));
    }

    [Fact]
    public void A_file_of_another_generation_in_place_of_its_own_is_refused()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(50));
        Rows.Refresh(folder, [.. Rows.Of(50, said: "IT IS").Select(r => r with { Popularity = r.Popularity + 1 })]);
        foreach (string name in new[] { "segment/header", "segment/checksums", "segment/texts", "segment/hashes", "segment/vectors", "generation/header", "generation/popularity" })
        {
            string own = temporary.At(name.Replace("/", "-000002/"));
            byte[] whole = File.ReadAllBytes(own);
            File.Copy(temporary.At(name.Replace("/", "-000001/")), own, overwrite: true);
            Assert.Throws<InputException>(() =>
            {
                using Generation live = folder.OpenLive();
                live.CheckAll();
            });
            File.WriteAllBytes(own, whole);
        }
        folder.OpenLive().Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("generation-000001")]
    [InlineData("generation-1 00000000 000001\n")]
    [InlineData("generation-000001 0000000g 000001\n")]
    [InlineData("../../elsewhere 00000000 000001\n")]
    [InlineData("generation-000002 00000000 000001\n")]
    public void A_pointer_that_is_not_exactly_one_good_line_is_refused(string line)
    {
        using var temporary = new TemporaryFolder();
        Rows.Refresh(new IndexFolder(temporary.Path), Rows.Of(3));
        File.WriteAllText(temporary.At("live"), line);
        AssertNamesThePlace(Assert.Throws<InputException>(() => new IndexFolder(temporary.Path).OpenLive()), temporary.At("live"));
    }

    static string[] Files(TemporaryFolder temporary) =>
        [.. new[] { "generation-000001", "segment-000001" }.SelectMany(f => Directory.EnumerateFiles(temporary.At(f))).Order(StringComparer.Ordinal)];

    static void AssertNamesThePlace(InputException wrong, string path)
    {
        Assert.StartsWith(path + ": block ", wrong.Message);
        Assert.Contains(" at byte ", wrong.Message);
        Assert.DoesNotContain('\n', wrong.Message);
    }

    static void AssertReadsRightOrRefuses(IndexFolder folder, ValueText expected)
    {
        try
        {
            using Generation live = folder.OpenLive();
            Assert.True(live.TryGet(expected.Field, expected.Value, out int row));
            Assert.Equal(expected, live.Row(row));
            Assert.Equal(Rows.Vector(expected.Text), live.Vector(row).ToArray());
            Assert.Equal(row, live.Search(live.Vector(row), 1)[0].Row);
            Assert.Equal(row, live.SearchApproximate(live.Vector(row), 1)[0][0].Row);
        }
        catch (InputException) { }
    }
}
