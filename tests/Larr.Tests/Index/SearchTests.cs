using System.Globalization;
using System.Numerics.Tensors;
using Larr.Embed;
using Larr.Index;

namespace Larr.Tests.Index;

/// <summary>Searches beside a plain loop over all rows.</summary>
public sealed class SearchTests : IDisposable
{
    const int Dimension = 20; // neither a multiple of 16 nor one of 8

    static readonly VectorIdentity s_identity = Rows.Identity with { Dimension = Dimension };

    readonly TemporaryFolder _temporary = new();

    [Theory]
    [InlineData(VectorType.Float32, 1)]
    [InlineData(VectorType.Float32, 5)]
    [InlineData(VectorType.Float32, 150)]
    [InlineData(VectorType.Float16, 3)]
    [InlineData(VectorType.Float16, 20)]
    [InlineData(VectorType.Int8, 1)]
    [InlineData(VectorType.Int8, 70)]
    public void Any_number_of_queries_finds_what_a_plain_loop_finds(VectorType type, int queries)
    {
        using Generation live = Build(1500, type);
        float[] batch = [.. Enumerable.Range(0, queries).SelectMany(q => Rows.Vector($"query {q}", Dimension))];
        Hit[][] found = live.Search(batch, 7, new SearchFilter());
        for (int q = 0; q < queries; q++)
        {
            float[] query = batch[(q * Dimension)..((q + 1) * Dimension)];
            AssertNearest(Plain(live, query, _ => true, 7), found[q]);
            Assert.Equal(found[q].Select(h => h.Row), live.Search(batch, 7, new SearchFilter(), threads: 1)[q].Select(h => h.Row));
        }
    }

    [Fact]
    public void Filters_leave_only_what_they_let_through()
    {
        using Generation live = Build(1500, VectorType.Float32);
        float[] query = Rows.Vector("a query", Dimension);
        AssertNearest(Plain(live, query, r => live.Field(r) == "meal", 9), live.Search(query, 9, new SearchFilter { Field = "meal" })[0]);
        AssertNearest(Plain(live, query, r => live.Popularity(r) >= 1000, 9), live.Search(query, 9, new SearchFilter { MinPopularity = 1000 })[0]);
        AssertNearest(Plain(live, query, r => live.Popularity(r) >= 1400 && live.Field(r) == "meal", 99), live.Search(query, 99, new SearchFilter { Field = "meal", MinPopularity = 1400 })[0]);
        string[] values = ["value 3", "value 6", "value 7", "value 8888"];
        AssertNearest(Plain(live, query, r => live.Field(r) == "meal" && values.Contains(live.Value(r)), 9), live.Search(query, 9, new SearchFilter { Field = "meal", Values = values })[0]);
        Assert.Empty(live.Search(query, 9, new SearchFilter { Field = "no such field" })[0]);
        Assert.Empty(live.Search(query, 9, new SearchFilter { MinPopularity = 9999 })[0]);
    }

    [Fact]
    public void Dead_rows_are_not_found()
    {
        IndexFolder folder = Rows.Unflushed(_temporary.Path);
        ValueText[] rows = Rows.Of(300);
        float[][] Embed(IReadOnlyList<string> texts) => [.. texts.Select(t => Rows.Vector(t, Dimension))];
        IndexRefresh.Run(new IndexConfig(), folder, s_identity, rows, Embed);
        IndexRefresh.Run(new IndexConfig(), folder, s_identity, rows[30..], Embed);
        using Generation live = folder.OpenLive();
        Assert.Equal(300, live.Capacity);
        Assert.Equal(270, live.Search(Rows.Vector(rows[3].Text, Dimension), 300).Count);
        Assert.DoesNotContain(live.Search(Rows.Vector(rows[3].Text, Dimension), 300), h => live.Text(h.Row) == rows[3].Text);
    }

    [Theory]
    [InlineData(VectorType.Float32)]
    [InlineData(VectorType.Float16)]
    [InlineData(VectorType.Int8)]
    public void Approximate_search_of_every_list_is_exact_and_of_few_finds_what_was_promised(VectorType type)
    {
        using Generation live = Build(4000, type, new IndexConfig { ApproximateFrom = 1000, Type = type });
        ListsHeader lists = live.Segments[0].Header.Lists!;
        Assert.True(lists.Recall >= 0.98 && lists.Probes < lists.Count, lists.ToString());
        float[] batch = [.. Enumerable.Range(0, 40).SelectMany(q => Rows.Vector($"value {q}", Dimension))];
        Hit[][] exact = live.Search(batch, 10, new SearchFilter());
        Hit[][] all = live.SearchApproximate(batch, 10, probes: lists.Count);
        for (int q = 0; q < exact.Length; q++) AssertNearest(exact[q], all[q]);

        Hit[][] few = live.SearchApproximate(batch, 10);
        Assert.InRange(exact.Zip(few, (e, f) => e.Select(h => h.Row).Intersect(f.Select(h => h.Row)).Count()).Sum() / 400.0, 0.95, 1);
        Assert.Equal(few.Select(f => f[0]), live.SearchApproximate(batch, 10, threads: 1).Select(f => f[0]));
    }

    [Fact]
    public void New_queries_find_at_least_98_of_100_nearest_rows_by_default_without_reading_most_lists()
    {
        // Texts of a few hundred meanings, as a catalogue has: 30 centres, each with noise of nearly its own length around it.
        static float[] Noisy(string text) => Around($"meaning {(ulong)ContentHash.Of("", text) % 30}", text, 0.9f);
        IndexFolder folder = Rows.Unflushed(_temporary.Path);
        IndexRefresh.Run(new IndexConfig { ApproximateFrom = 1000 }, folder, s_identity, Rows.Of(6000), texts => [.. texts.Select(Noisy)]);
        using Generation live = folder.OpenLive();
        float[] batch = [.. Enumerable.Range(0, 400).SelectMany(q => Noisy($"query {q}"))];
        Hit[][] exact = live.Search(batch, 10, new SearchFilter()), found = live.SearchApproximate(batch, 10);
        Assert.InRange(exact.Zip(found, (e, f) => e.Select(h => h.Row).Intersect(f.Select(h => h.Row)).Count()).Sum() / 4000.0, 0.98, 1);
        ListsHeader lists = live.Segments[0].Header.Lists!;
        Assert.True(lists.Probes <= lists.Count / 2, lists.ToString());
    }

    [Fact]
    public void Approximate_search_obeys_filters_and_leaves_out_dead_rows()
    {
        using Generation live = Build(4000, VectorType.Float32, new IndexConfig { ApproximateFrom = 1000 });
        float[] query = Rows.Vector("a query", Dimension);
        Assert.All(live.SearchApproximate(query, 20, new SearchFilter { Field = "weather" })[0], h => Assert.Equal("weather", live.Field(h.Row)));
        Hit[] popular = live.SearchApproximate(query, 20, new SearchFilter { MinPopularity = 3990 })[0];
        AssertNearest(Plain(live, query, r => live.Popularity(r) >= 3990, 20), popular);

        IndexFolder folder = Rows.Unflushed(_temporary.Path);
        ValueText gone = live.Row(live.Search(query, 1)[0].Row);
        IndexRefresh.Run(new IndexConfig { ApproximateFrom = 1000 }, folder, s_identity, [.. Rows.Of(4000).Where(r => r != gone)], _ => []);
        using Generation after = folder.OpenLive();
        Assert.Equal(live.Search(query, 2)[1].Score, after.SearchApproximate(query, 1)[0][0].Score, 1e-6f);
    }

    [Fact]
    public void Approximate_search_finds_as_many_rows_of_a_field_as_asked_for_though_they_lie_far_from_the_query()
    {
        // Texts of one template are near each other, so that the lists nearest to a weather hold no meal.
        static float[] Apart(string text) => Around(int.Parse(text.Split(' ')[^1], CultureInfo.InvariantCulture) % 3 == 0 ? "meals" : "weathers", text, 0.2f);
        IndexFolder folder = Rows.Unflushed(_temporary.Path);
        IndexRefresh.Run(new IndexConfig { ApproximateFrom = 1000 }, folder, s_identity, Rows.Of(6000), texts => [.. texts.Select(Apart)]);
        using Generation live = folder.OpenLive();
        Hit[] found = live.SearchApproximate(Apart("it is value 1"), 10, new SearchFilter { Field = "meal" }, probes: 1)[0];
        Assert.Equal(10, found.Length);
        Assert.All(found, h => Assert.Equal("meal", live.Field(h.Row)));
    }

    /// <summary>A text's vector: its centre's, with noise of so many times its length.</summary>
    static float[] Around(string centre, string text, float noise)
    {
        float[] vector = Rows.Vector(centre, Dimension);
        TensorPrimitives.MultiplyAdd(Rows.Vector(text, Dimension), noise, vector, vector);
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }

    Generation Build(int count, VectorType type, IndexConfig? config = null)
    {
        IndexFolder folder = Rows.Unflushed(_temporary.Path);
        IndexRefresh.Run((config ?? new IndexConfig()) with { Type = type }, folder, s_identity, Rows.Of(count), texts => [.. texts.Select(t => Rows.Vector(t, Dimension))]);
        return folder.OpenLive();
    }

    static Hit[] Plain(Generation live, float[] query, Func<int, bool> allowed, int k) =>
        [.. live.Rows().Where(allowed).Select(r => new Hit(r, TensorPrimitives.Dot(query, live.Vector(r)))).OrderByDescending(h => h.Score).Take(k)];

    static void AssertNearest(Hit[] expected, Hit[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i].Score, found[i].Score, 1e-5f);
        Assert.Equal(expected.Select(h => h.Row).Order(), found.Select(h => h.Row).Order());
    }

    public void Dispose() => _temporary.Dispose();
}
