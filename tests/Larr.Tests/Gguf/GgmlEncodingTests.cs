using CsCheck;
using Larr.Gguf;

namespace Larr.Tests.Gguf;

/// <summary>The bytes of ggml's types, worked by hand, and what decoding gives back.</summary>
public sealed class GgmlEncodingTests
{
    [Fact]
    public void A_Q8_0_block_has_the_scale_of_its_largest_value_and_rounds_halves_away_from_zero()
    {
        float[] values = new float[32];
        (values[0], values[1], values[2], values[3], values[4]) = (-127, 1, 0.5f, -0.5f, 0.49f); // scale 127 / 127 = 1
        byte[] bytes = Encode(GgmlType.Q8_0, values);
        Assert.Equal([0x00, 0x3c, 0x81, 0x01, 0x01, 0xff, 0x00], bytes[..7]); // float16 1.0 is 0x3c00; −127 is 0x81
        Assert.All(bytes[7..], b => Assert.Equal(0, b));
        Assert.Equal([-127f, 1, 1, -1, 0], Decode(GgmlType.Q8_0, bytes, 32)[..5]);
    }

    [Fact]
    public void A_block_of_zeros_has_scale_zero()
    {
        Assert.All(Encode(GgmlType.Q8_0, new float[32]), b => Assert.Equal(0, b));
        Assert.All(Decode(GgmlType.Q4_0, Encode(GgmlType.Q4_0, new float[32]), 32), v => Assert.Equal(0, v));
    }

    [Fact]
    public void Q8_0_blocks_follow_each_other_with_scales_of_their_own()
    {
        float[] values = [.. Enumerable.Repeat(254f, 32), .. Enumerable.Repeat(-63.5f, 32)];
        byte[] bytes = Encode(GgmlType.Q8_0, values);
        Assert.Equal([0x00, 0x40, 0x7f], bytes[..3]); // 254 / 127 = 2
        Assert.Equal([0x00, 0x38, 0x81], bytes[34..37]); // 63.5 / 127 = 0.5
        Assert.Equal(values, Decode(GgmlType.Q8_0, bytes, 64));
    }

    [Fact]
    public void Q8_0_is_off_by_at_most_half_a_step() =>
        Gen.Float[-1000, 1000].Array[32].Sample(values =>
        {
            float[] read = Decode(GgmlType.Q8_0, Encode(GgmlType.Q8_0, values), 32);
            float step = values.Max(MathF.Abs) / 127;
            // Half a step of rounding, and the scale's own rounding to float16 (2⁻¹¹) over up to 127 steps.
            for (int i = 0; i < 32; i++) Assert.True(MathF.Abs(values[i] - read[i]) <= step * (0.5f + 127 * 0.00049f) + 1e-6f);
        }, iter: 200);

    [Fact]
    public void A_Q4_0_block_has_the_scale_of_its_largest_value_and_halves_of_bytes()
    {
        float[] values = new float[32];
        (values[0], values[1], values[2], values[16], values[17]) = (-8, 7.4f, 0.5f, 1, 8); // scale −8 / −8 = 1; 8 is one more than there is room for
        byte[] bytes = Encode(GgmlType.Q4_0, values);
        Assert.Equal([0x00, 0x3c, 0x90, 0xff, 0x89], bytes[..5]); // −8 is 0 and 1 is 9; 7 is 15 and 8 is 15 too; 0.5 is 9, halves up; 0 is 8
        Assert.All(bytes[5..], b => Assert.Equal(0x88, b));
        float[] read = Decode(GgmlType.Q4_0, bytes, 32);
        Assert.Equal([-8f, 7, 1, 0], read[..4]);
        Assert.Equal([1f, 7, 0], read[16..19]);
    }

    [Fact]
    public void Q4_0_is_off_by_at_most_half_a_step_and_by_one_at_the_far_end() =>
        Gen.Float[-1000, 1000].Array[64].Sample(values =>
        {
            float[] read = Decode(GgmlType.Q4_0, Encode(GgmlType.Q4_0, values), 64);
            foreach (int block in new[] { 0, 32 })
            {
                float most = values[block..(block + 32)].MaxBy(MathF.Abs), step = MathF.Abs(most) / 8;
                // 8 steps away from the largest value's side there is no level: that one is off by up to a step. The scale itself is rounded to float16 (2⁻¹¹).
                for (int i = block; i < block + 32; i++)
                    Assert.True(MathF.Abs(values[i] - read[i]) <= step * ((values[i] / most < -7f / 8 ? 1 : 0.5f) + 8 * 0.00049f) + 1e-6f);
            }
        }, iter: 200);

    [Theory]
    [InlineData(1f, 0x3f80)]
    [InlineData(-2f, 0xc000)]
    [InlineData(1.00390625f, 0x3f80)] // 1 + 2⁻⁸ lies half way between two: to the even one, below
    [InlineData(1.01171875f, 0x3f82)] // 1 + 3·2⁻⁸: to the even one, above
    [InlineData(1.00390637f, 0x3f81)] // just above half way
    [InlineData(3.4028235e38f, 0x7f80)] // the largest float32 rounds to infinity
    [InlineData(float.PositiveInfinity, 0x7f80)]
    public void BF16_rounds_to_the_nearest_even(float value, int bits) =>
        Assert.Equal([(byte)bits, (byte)(bits >> 8)], Encode(GgmlType.BF16, [value]));

    [Fact]
    public void BF16_keeps_a_NaN() => Assert.True(float.IsNaN(Decode(GgmlType.BF16, Encode(GgmlType.BF16, [BitConverter.UInt32BitsToSingle(0x7f800001)]), 1)[0]));

    [Fact]
    public void F16_and_F32_have_the_bytes_of_IEEE()
    {
        Assert.Equal([0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b], Encode(GgmlType.F16, [1, -2, 65504]));
        Assert.Equal([0x00, 0x00, 0x80, 0x3f], Encode(GgmlType.F32, [1]));
    }

    [Fact]
    public void Every_value_of_16_bits_comes_back()
    {
        foreach (GgmlType type in new[] { GgmlType.F16, GgmlType.BF16 })
        {
            byte[] all = [.. Enumerable.Range(0, 65536).SelectMany(b => new[] { (byte)b, (byte)(b >> 8) })];
            float[] values = Decode(type, all, 65536);
            byte[] again = Encode(type, values);
            for (int b = 0; b < 65536; b++)
                if (!float.IsNaN(values[b])) Assert.Equal(all.AsSpan(2 * b, 2), again.AsSpan(2 * b, 2));
        }
    }

    [Fact]
    public void Other_types_and_parts_of_blocks_are_refused()
    {
        Assert.Throws<ArgumentException>(() => GgmlEncoding.Encode(GgmlType.Q4_K, new float[256], new byte[144]));
        Assert.Throws<ArgumentException>(() => GgmlEncoding.Encode(GgmlType.Q8_0, new float[31], new byte[34]));
        Assert.Null(GgmlType.Q8_0.Bytes([2, 40]));
        Assert.Equal(2 * 2 * 34, GgmlType.Q8_0.Bytes([2, 64]));
        Assert.Null(GgmlType.F32.Bytes([long.MaxValue, 2]));
    }

    static byte[] Encode(GgmlType type, float[] values)
    {
        byte[] bytes = new byte[type.Bytes([values.Length])!.Value];
        GgmlEncoding.Encode(type, values, bytes);
        return bytes;
    }

    static float[] Decode(GgmlType type, byte[] bytes, int count)
    {
        float[] values = new float[count];
        GgmlEncoding.Decode(type, bytes, values);
        return values;
    }
}
