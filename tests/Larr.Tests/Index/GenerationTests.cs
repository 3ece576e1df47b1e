using System.Numerics.Tensors;
using CsCheck;
using Larr.Embed;
using Larr.Index;
using Larr.Runs;

namespace Larr.Tests.Index;

/// <summary>What a generation holds, and lookups in it.</summary>
public sealed class GenerationTests
{
    [Fact]
    public void What_is_written_is_read_back()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        ValueText[] rows = [.. Rows.Of(100), new ValueText("place", "北京 😀", "it is in 北京 😀", 7), new ValueText("place", "", "the place is unknown", 0)];
        Rows.Refresh(folder, rows);

        using Generation live = folder.OpenLive();
        Assert.Equal((102, 8, 1), (live.Count, live.Dimension, live.Number));
        Assert.Equal(Rows.Identity, live.Header.Identity);
        Assert.Equal(["meal", "place", "weather"], live.Header.Fields.Select(f => f.Name));
        foreach (ValueText row in rows)
        {
            Assert.True(live.TryGet(row.Field, row.Value, out int at));
            Assert.Equal(row, live.Row(at));
            Assert.Equal(Rows.Vector(row.Text), live.Vector(at).ToArray());
            Assert.Equal(row.Hash, live.Hash(at));
        }
        IndexVerify.Check(live, 102);
    }

    [Fact]
    public void A_value_of_another_field_an_unknown_one_and_half_a_character_are_not_found()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, [new ValueText("meal", "lunch", "it is lunch", 1), new ValueText("weather", "rain", "it rains", 1)]);
        using Generation live = folder.OpenLive();

        Assert.False(live.TryGet("weather", "lunch", out int row));
        Assert.Equal(-1, row);
        Assert.False(live.TryGet("meal", "Lunch", out _));
        Assert.False(live.TryGet("holiday", "lunch", out _));
        Assert.False(live.TryGet("meal", "\ud800", out _));
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(null, 7)]
    [InlineData("weather", 7)]
    [InlineData("meal", 1000)]
    [InlineData("no such field", 3)]
    public void Search_is_a_plain_loop_over_all_rows(string? field, int k)
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(200));
        using Generation live = folder.OpenLive();
        float[] query = [.. Rows.Vector("a query").Select(x => 3 * x)];

        var expected = Enumerable.Range(0, live.Count).Where(r => field is null || live.Field(r) == field)
            .Select(r => (Row: r, Score: TensorPrimitives.CosineSimilarity(query, live.Vector(r)))).OrderByDescending(h => h.Score).Take(k).ToArray();
        IReadOnlyList<Hit> hits = live.Search(query, k, field);

        Assert.Equal(expected.Select(h => h.Row), hits.Select(h => h.Row));
        Assert.All(expected.Zip(hits), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-6f));
    }

    [Fact]
    public void Search_on_many_threads_gives_the_plain_order_with_ties_by_row()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        var identity = Rows.Identity with { Dimension = 512 };
        float[][] four = [.. Enumerable.Range(0, 4).Select(i => Rows.Vector($"vector {i}", 512))];
        ValueText[] rows = [.. Enumerable.Range(0, 9000).Select(i => new ValueText("f", $"{i:D5}", $"text {i}", 0))];
        IndexRefresh.Run(new IndexConfig(), folder, identity, rows, texts => [.. texts.Select((_, i) => four[i % 4])]);
        using Generation live = folder.OpenLive();

        int[] expected = [.. Enumerable.Range(0, 9000).Where(r => r % 4 == 2).Take(50)];
        Assert.Equal(expected, live.Search(four[2], 50).Select(h => h.Row));
    }

    [Fact]
    public void A_query_of_another_dimension_or_of_no_direction_is_refused()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(3));
        using Generation live = folder.OpenLive();
        Assert.Throws<ArgumentException>(() => live.Search(new float[7], 1));
        Assert.Throws<ArgumentException>(() => live.Search(new float[8], 1));
        Assert.Throws<ArgumentException>(() => live.Search([float.NaN, 0, 0, 0, 0, 0, 0, 0], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => live.Search(Rows.Vector("a"), 0));
    }

    [Fact]
    public void Any_set_of_strings_is_found_again_and_no_other_string_is()
    {
        Gen.Select(Gen.String[0, 20].Array[1, 40], Gen.String[0, 20]).Sample((values, other) =>
        {
            using var temporary = new TemporaryFolder();
            string[] distinct = [.. values.Select(Whole).Distinct()];
            IndexFolder folder = Rows.Unflushed(temporary.Path);
            Rows.Refresh(folder, [.. distinct.Select(v => new ValueText("f", v, "said " + v, 1))]);
            using Generation live = folder.OpenLive();
            foreach (string value in distinct)
                Assert.True(live.TryGet("f", value, out int row) && live.Value(row) == value);
            Assert.Equal(distinct.Contains(other), live.TryGet("f", other, out _));
        }, iter: 12, threads: 1);
    }

    [Fact]
    public void Many_lookups_at_once_are_each_one_alone()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        ValueText[] rows = Rows.Of(1000);
        Rows.Refresh(folder, rows);
        Rows.Refresh(folder, Rows.Changed(rows, 30, "now"));
        using Generation live = folder.OpenLive();
        Assert.Equal(2, live.Segments.Count);

        UInt128[] ids = [.. Enumerable.Range(0, 1500).Select(i => i % 3 == 2 ? (UInt128)(ulong)i : ContentHash.Of(rows[i * 7 % 1000].Field, rows[i * 7 % 1000].Value))];
        int[] found = new int[ids.Length];
        live.Find(ids, found);
        Assert.Equal(ids.Select(live.Find), found);
        Assert.Equal(ids.Length / 3, found.Count(r => r < 0));

        float[] vectors = new float[ids.Length * 8];
        live.Gather(found, vectors);
        for (int i = 0; i < ids.Length; i++)
            Assert.Equal(found[i] < 0 ? new float[8] : live.Vector(found[i]).ToArray(), vectors[(i * 8)..(i * 8 + 8)]);
    }

    [Fact]
    public void A_wrong_row_is_refused_by_its_name_and_nothing_is_published()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        ValueText row = new("f", "v", "a text", 0);
        string Message(ValueText wrong, params float[] vector) => Assert.Throws<InputException>(() =>
            IndexRefresh.Run(new IndexConfig(), folder, Rows.Identity, [wrong], _ => [vector])).Message;

        Assert.Contains("(f, v): found a vector of length NaN", Message(row, 1, float.NaN, 0, 0, 0, 0, 0, 0));
        Assert.Contains("(f, v): found a vector of length 2", Message(row, 2, 0, 0, 0, 0, 0, 0, 0));
        Assert.Contains("(f, v): found an empty text", Message(row with { Text = "" }, 1, 0, 0, 0, 0, 0, 0, 0));
        Assert.Contains("surrogate", Message(row with { Value = "\ud800" }, 1, 0, 0, 0, 0, 0, 0, 0));
        Assert.Null(folder.LiveNumber);
        Assert.Empty(Directory.EnumerateDirectories(temporary.Path));
    }

    /// <summary>The string without halves of surrogate pairs.</summary>
    static string Whole(string s) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(s));
}
