using System.Numerics.Tensors;
using CsCheck;
using Larr.Index;

namespace Larr.Tests.Index;

public sealed unsafe class VectorTypeTests
{
    [Fact]
    public void Int8_is_whole_numbers_up_to_127_and_a_scale_that_gives_length_1()
    {
        sbyte[] codes = new sbyte[2];
        float scale = VectorCodec.EncodeInt8([0.6f, -0.8f], codes);
        Assert.Equal([95, -127], codes); // 127 · 0.6 / 0.8 = 95.25
        Assert.Equal(1 / Math.Sqrt((95 * 95) + (127 * 127)), scale, 1e-7);
    }

    [Theory]
    [InlineData(VectorType.Float32, 0)]
    [InlineData(VectorType.Float16, 1e-6)]
    [InlineData(VectorType.Int8, 3e-4)]
    public void A_decoded_vector_has_length_1_and_the_direction_of_its_original(VectorType type, double far)
    {
        for (int dimension = 1; dimension < 70; dimension += 3)
        {
            float[] vector = Rows.Vector($"of {dimension}", dimension), decoded = new float[dimension];
            byte[] stored = new byte[dimension * VectorCodec.Size(type)];
            float scale = VectorCodec.Encode(type, vector, stored);
            VectorCodec.Decode(type, stored, type == VectorType.Int8 ? [scale] : [], dimension, decoded);
            Assert.InRange(TensorPrimitives.Norm<float>(decoded), 1 - VectorCodec.UnitTolerance, 1 + VectorCodec.UnitTolerance);
            Assert.InRange(TensorPrimitives.CosineSimilarity<float>(vector, decoded), 1 - far - 1e-6, 1 + 1e-6);
        }
    }

    [Fact]
    public void Codes_of_a_group_have_the_plain_products_on_this_processor()
    {
        Gen.Select(Gen.Int[1, 70], Gen.Int).Sample((dimension, seed) =>
        {
            var random = new Random(seed);
            int padded = ListCodes.Padded(dimension);
            byte[] group = new byte[padded * ListCodes.Group];
            random.NextBytes(group);
            sbyte[] query = [.. Enumerable.Range(0, padded).Select(_ => (sbyte)random.Next(-63, 64))];
            fixed (byte* g = group)
            fixed (sbyte* q = query)
                Assert.Equal(ListCodes.Plain(g, q, padded), ListCodes.Products(g, q, padded));
        }, iter: 100);
    }

    [Fact]
    public void A_placed_rows_product_is_that_of_its_codes()
    {
        sbyte[] row = [127, -127, 5, 0, 9];
        (sbyte[] query, int offset) = ListCodes.Query([1f, -1f, 0.5f, 0.25f, -0.125f]);
        Assert.Equal([63, -63, 32, 16, -8, 0, 0, 0], query.Select(c => (int)c));
        byte[] group = [.. Enumerable.Repeat((byte)128, ListCodes.Group * 8)];
        ListCodes.Place(row, 11, group);
        fixed (byte* g = group)
        fixed (sbyte* q = query)
        {
            var products = ListCodes.Products(g, q, 8);
            Assert.Equal((127 * 63) + (127 * 63) + (5 * 32) - (9 * 8), products[11] - offset);
            Assert.Equal(0, products[10] - offset);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(16, 9)]
    [InlineData(17, 5)]
    [InlineData(64, 8)]
    [InlineData(130, 33)]
    public void Panels_give_the_dot_products_of_a_plain_loop(int vectors, int rows)
    {
        const int Dimension = 13;
        float[] a = [.. Enumerable.Range(0, vectors).SelectMany(v => Rows.Vector($"vector {v}", Dimension))];
        float[] b = [.. Enumerable.Range(0, rows).SelectMany(r => Rows.Vector($"row {r}", Dimension))];
        using var panels = new VectorPanels(a, Dimension);
        float[] scores = new float[rows * panels.Width];
        for (int v = 0; v < vectors; v++)
        {
            fixed (float* r = b, s = scores) panels.Score(v / panels.Width, r, rows, s);
            for (int row = 0; row < rows; row++)
                Assert.Equal(TensorPrimitives.Dot<float>(a.AsSpan(v * Dimension, Dimension), b.AsSpan(row * Dimension, Dimension)), scores[(row * panels.Width) + (v % panels.Width)], 1e-6f);
        }
    }

    [Fact]
    public void K_means_finds_clusters_that_lie_apart()
    {
        // Eight directions, 50 rows near each.
        float[] rows = [.. Enumerable.Range(0, 400).SelectMany(i =>
        {
            float[] near = Rows.Vector($"noise {i}", 8);
            near[i / 50] += 9;
            TensorPrimitives.Divide(near, TensorPrimitives.Norm<float>(near), near);
            return near;
        })];
        float[] centroids = SphericalKMeans.Train(rows, 8, 8, 6);
        int[] assigned = new int[400];
        using (var panels = new VectorPanels(centroids, 8))
            SphericalKMeans.Assign((first, count, _) => rows.AsSpan(first * 8, count * 8), 400, 8, panels, assigned, new float[400]);
        Assert.Equal(8, assigned.Distinct().Count());
        for (int i = 0; i < 400; i++) Assert.Equal(assigned[i / 50 * 50], assigned[i]);
    }

    [Fact]
    public void The_best_hits_are_those_of_a_sort_whatever_their_order()
    {
        Gen.Select(Gen.Int[0, 20].Array[0, 60], Gen.Int[1, 30]).Sample((scores, k) =>
        {
            var best = new TopRows(k);
            for (int row = 0; row < scores.Length; row++) best.Add(new Hit(row, scores[row]));
            Hit[] expected = [.. scores.Select((s, row) => new Hit(row, s)).OrderByDescending(h => h.Score).ThenBy(h => h.Row).Take(k)];
            Assert.Equal(expected, best.Sorted());
        });
    }
}
