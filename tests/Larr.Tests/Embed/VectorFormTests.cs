using System.Numerics.Tensors;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Tests.Embed;

public sealed class VectorFormTests
{
    [Fact]
    public void Int8_has_127_steps_to_the_largest_component()
    {
        // The largest is 0.6, so a step is 0.6 / 127: 0.3 is 63.5 steps, to the even 64.
        Assert.Equal([127, -64, 0, 21], VectorForm.Whole([0.6f, -0.3f, 0f, 0.1f], VectorForm.Scale([0.6f, -0.3f, 0f, 0.1f])));
        float[] rounded = new VectorForm(4, null, Quantization.Int8).Of([0.6f, -0.3f, 0f, 0.1f]);
        // The steps are stretched by what rounding took from the length, √0.46.
        float step = MathF.Sqrt(0.46f) / MathF.Sqrt(127 * 127 + 64 * 64 + 21 * 21);
        Assert.Equal([127 * step, -64 * step, 0, 21 * step], rounded, (a, b) => MathF.Abs(a - b) < 1e-7f);
        Assert.Equal(step, VectorForm.Scale(rounded), 1e-7f);
        Assert.Equal([0f, 0f], new VectorForm(2, null, Quantization.Int8).Of([0f, 0f]));
    }

    [Fact]
    public void A_vector_with_one_large_component_stays_a_unit_vector()
    {
        float[] vector = [.. Enumerable.Range(0, 320).Select(i => i == 7 ? 0.97f : 0.0041f * (i % 7 - 3))];
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        Assert.Equal(1, TensorPrimitives.Norm<float>(new VectorForm(320, null, Quantization.Int8).Of(vector)), 1e-6f);
    }

    [Fact]
    public void A_shorter_vector_is_the_beginning_at_length_one()
    {
        Assert.Equal([0.6f, 0.8f], new VectorForm(3, 2, Quantization.None).Of([0.3f, 0.4f, 0.86f]), (a, b) => MathF.Abs(a - b) < 1e-6f);
        Assert.Equal([1f / 3, 2f / 3], new VectorForm(2, null, Quantization.Float16).Of([1f / 3, 2f / 3]), (a, b) => MathF.Abs(a - b) < 3e-4f);
    }

    [Fact]
    public void Rounding_keeps_the_direction()
    {
        var random = new Random(1);
        float[] vector = [.. Enumerable.Range(0, 64).Select(_ => (random.NextSingle() * 2) - 1)];
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        foreach ((Quantization type, float least) in new[] { (Quantization.Float16, 0.999999f), (Quantization.Int8, 0.9999f) })
            Assert.InRange(TensorPrimitives.CosineSimilarity<float>(vector, new VectorForm(64, null, type).Of(vector)), least, 1.000001f);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void A_width_that_the_model_does_not_have_is_refused(int width) =>
        Assert.Contains("from 1 to the model's 8", Assert.Throws<InputException>(() => new VectorForm(8, width, Quantization.None)).Message);

    [Fact]
    public void A_component_that_is_not_finite_leaves_nothing() => Assert.Empty(new VectorForm(2, null, Quantization.Int8).Of([float.NaN, 1]));
}
