using CsCheck;
using Larr.Embed.Packed;
using static TorchSharp.torch;

namespace Larr.Tests.Embed.Packed;

[Collection("torch")]
public sealed unsafe class PackedMatrixTests
{
    [Fact]
    public void The_product_is_that_of_plain_loops_for_any_size() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 70], Gen.Int[1, 40], Gen.Int[0, 1000]).Sample((rows, outputs, inputs, seed) =>
        {
            (float[] x, float[] w) = (Floats(rows * inputs, seed), Floats(outputs * inputs, seed + 1));
            float[] y = Product(x, w, rows, outputs, inputs);
            for (int r = 0; r < rows; r++)
                for (int n = 0; n < outputs; n++)
                {
                    float sum = 0;
                    for (int k = 0; k < inputs; k++) sum = MathF.FusedMultiplyAdd(x[(r * inputs) + k], w[(n * inputs) + k], sum);
                    Assert.Equal(sum, y[(r * outputs) + n]);
                }
        }, iter: 60, threads: 1);

    static float[] Product(float[] x, float[] w, int rows, int outputs, int inputs)
    {
        using Tensor weight = tensor(w, [outputs, inputs]);
        using var matrix = new PackedMatrix(weight);
        using var from = new Rows<Float32Element>(rows, inputs);
        using var to = new Rows<Float32Element>(rows, outputs);
        x.CopyTo(new Span<float>(from.Data, x.Length));
        matrix.Multiply(from, to, rows);
        return new Span<float>(to.Data, rows * outputs).ToArray();
    }

    static float[] Floats(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }
}
