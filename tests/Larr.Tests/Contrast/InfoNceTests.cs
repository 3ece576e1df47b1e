using Larr.Contrast;
using static TorchSharp.torch;

namespace Larr.Tests.Contrast;

[Collection("torch")]
public sealed class InfoNceTests
{
    static double Loss(float[,] queries, float[,] keys, double temperature, bool[,]? excluded = null, float[]? logQ = null)
    {
        using var scope = NewDisposeScope();
        return InfoNce.Loss(tensor(queries), tensor(keys), tensor((float)temperature), excluded is null ? null : tensor(excluded), logQ is null ? null : tensor(logQ)).item<float>();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void Infonce_is_log_B_when_all_scores_are_equal(int batch)
    {
        float[,] same = new float[batch, 3];
        for (int i = 0; i < batch; i++) same[i, 1] = 1;
        Assert.Equal(Math.Log(batch), Loss(same, same, 0.05), 5);
    }

    [Fact]
    public void Infonce_of_two_orthogonal_pairs_by_hand()
    {
        float[,] unit = { { 1, 0 }, { 0, 1 } };
        // Scores 1/0.5 = 2 against 0: −log(e² / (e² + 1)).
        Assert.Equal(Math.Log(1 + Math.Exp(-2)), Loss(unit, unit, 0.5), 5);
    }

    [Fact]
    public void An_excluded_key_is_no_negative()
    {
        float[,] same = { { 1, 0 }, { 1, 0 }, { 1, 0 } };
        bool[,] excluded = { { false, true, false }, { true, false, false }, { false, false, false } };
        // Rows 0 and 1 see two keys, row 2 sees three.
        Assert.Equal((2 * Math.Log(2) + Math.Log(3)) / 3, Loss(same, same, 0.05, excluded), 5);
    }

    [Fact]
    public void A_row_without_negatives_costs_nothing()
    {
        float[,] same = { { 1, 0 }, { 1, 0 } };
        Assert.Equal(0, Loss(same, same, 0.05, new[,] { { false, true }, { true, false } }), 6);
    }

    [Fact]
    public void Keys_beyond_the_pairs_are_negatives_of_every_query()
    {
        float[,] queries = { { 1, 0 }, { 0, 1 } }, keys = { { 1, 0 }, { 0, 1 }, { 1, 0 } };
        // Query 0 sees its positive twice and one other; query 1 its positive and two others. Scores 2 or 0.
        double e2 = Math.Exp(2);
        Assert.Equal(-(Math.Log(e2 / (2 * e2 + 1)) + Math.Log(e2 / (e2 + 2))) / 2, Loss(queries, keys, 0.5), 5);
    }

    [Fact]
    public void A_frequent_key_counts_less_by_log_q()
    {
        float[,] same = { { 1, 0 }, { 1, 0 } };
        // Key 0 has q = 3/4, key 1 has q = 1/4: weights 1/q are 4/3 and 4, so the shares are 1/4 and 3/4.
        double expected = -(Math.Log(0.25) + Math.Log(0.75)) / 2;
        Assert.Equal(expected, Loss(same, same, 0.05, logQ: [MathF.Log(0.75f), MathF.Log(0.25f)]), 5);
    }

    [Fact]
    public void It_agrees_with_plain_loops_and_its_gradient_with_differences()
    {
        var random = new Random(2);
        float[,] q = new float[4, 3], k = new float[4, 3];
        for (int i = 0; i < 4; i++) for (int d = 0; d < 3; d++) (q[i, d], k[i, d]) = ((float)random.NextDouble() - 0.5f, (float)random.NextDouble() - 0.5f);
        float[] logQ = [-1, -2, -0.5f, -3];
        bool[,] excluded = new bool[4, 4];
        (excluded[0, 2], excluded[3, 1]) = (true, true);
        Assert.Equal(Plain(q, k, 0.3, excluded, logQ), Loss(q, k, 0.3, excluded, logQ), 1e-5);

        using var scope = NewDisposeScope();
        Tensor left = tensor(q, requires_grad: true);
        InfoNce.Loss(left, tensor(k), tensor(0.3f), tensor(excluded), tensor(logQ)).backward();
        float[] gradient = left.grad!.data<float>().ToArray();
        for (int e = 0; e < 12; e++)
        {
            float[,] up = (float[,])q.Clone(), down = (float[,])q.Clone();
            up[e / 3, e % 3] += 1e-3f;
            down[e / 3, e % 3] -= 1e-3f;
            Assert.Equal((Plain(up, k, 0.3, excluded, logQ) - Plain(down, k, 0.3, excluded, logQ)) / 2e-3, gradient[e], 3);
        }
    }

    static double Plain(float[,] q, float[,] k, double temperature, bool[,] excluded, float[] logQ)
    {
        double loss = 0;
        for (int i = 0; i < 4; i++)
        {
            double Weight(int j) => Math.Exp((q[i, 0] * k[j, 0] + q[i, 1] * k[j, 1] + q[i, 2] * k[j, 2]) / temperature - logQ[j]);
            loss -= Math.Log(Weight(i) / Enumerable.Range(0, 4).Where(j => !excluded[i, j]).Sum(Weight)) / 4;
        }
        return loss;
    }
}
