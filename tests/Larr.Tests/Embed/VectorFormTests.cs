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
        Assert.Equal(0.6f, rounded[0], 1e-7f);
        Assert.Equal(-64 * 0.6f / 127, rounded[1], 1e-7f);
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
