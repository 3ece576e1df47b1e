using System.Numerics.Tensors;
using Larr.Runs;

namespace Larr.Embed;

/// <summary>Type in which components are held.</summary>
public enum Quantization
{
    /// <summary>float32.</summary>
    None,

    /// <summary>IEEE half precision.</summary>
    Float16,

    /// <summary>Whole numbers from −127 to 127 with one scale per vector: the largest component's size over 127 (our choice: symmetric, nothing to fit).</summary>
    Int8,
}

/// <summary>The form in which vectors leave an embedder: the first components of the model's, at length one, rounded to what the type can hold.</summary>
public sealed class VectorForm
{
    readonly int _full;
    readonly Lock _counting = new();
    double _cosines;
    long _vectors;

    /// <summary>A form.</summary>
    /// <param name="full">Components of the model's vectors.</param>
    /// <param name="width">Components that are kept; null: all.</param>
    /// <param name="quantization">Type of the components.</param>
    /// <exception cref="InputException">The width is not between 1 and <paramref name="full"/>.</exception>
    public VectorForm(int full, int? width, Quantization quantization)
    {
        if (width is < 1 || width > full) throw new InputException("embed", "width", $"{width}", $"a number from 1 to the model's {full}");
        (_full, Width, Quantization) = (full, width ?? full, quantization);
    }

    /// <summary>Components of a vector.</summary>
    public int Width { get; }

    /// <summary>Type of the components.</summary>
    public Quantization Quantization { get; }

    /// <summary>What the form adds to the name of the pooling; empty for the model's own vectors.</summary>
    internal string Name => (Width == _full ? "" : $", first {Width} of {_full}") + (Quantization == Quantization.None ? "" : $", {Quantization.ToString().ToLowerInvariant()}");

    /// <summary>Mean cosine between the vectors made so far and the model's own; null where they are the same.</summary>
    public double? MeanCosineToFull
    {
        get
        {
            lock (_counting) return _vectors == 0 ? null : _cosines / _vectors;
        }
    }

    /// <summary>The vector in this form; empty if a component is not finite.</summary>
    public float[] Of(ReadOnlySpan<float> vector)
    {
        float[] kept = vector[..Width].ToArray();
        if (Width < _full) TensorPrimitives.Divide(kept, Math.Max(1e-12f, TensorPrimitives.Norm<float>(kept)), kept);
        foreach (float component in kept)
            if (!float.IsFinite(component)) return [];
        if (Quantization == Quantization.Float16)
            for (int i = 0; i < kept.Length; i++) kept[i] = (float)(Half)kept[i];
        if (Quantization == Quantization.Int8)
        {
            sbyte[] whole = Whole(kept, Scale(kept));
            float length = TensorPrimitives.Norm<float>(kept);
            for (int i = 0; i < kept.Length; i++) kept[i] = whole[i];
            // One large component makes the steps coarse: rounding may not change the length, which readers of an index rely on.
            if (length > 0) TensorPrimitives.Multiply(kept, length / TensorPrimitives.Norm<float>(kept), kept);
        }
        if (Name.Length > 0) Count(TensorPrimitives.Dot<float>(kept, vector[..Width]) / (TensorPrimitives.Norm<float>(kept) * TensorPrimitives.Norm(vector)));
        return kept;
    }

    void Count(float cosine)
    {
        lock (_counting)
        {
            _cosines += cosine;
            _vectors++;
        }
    }

    /// <summary>The size of one step of int8.</summary>
    public static float Scale(ReadOnlySpan<float> vector) => TensorPrimitives.MaxMagnitude(vector) is var most && MathF.Abs(most) > 0 ? MathF.Abs(most) / 127 : 1;

    /// <summary>The components as whole numbers of steps.</summary>
    public static sbyte[] Whole(ReadOnlySpan<float> vector, float scale)
    {
        sbyte[] whole = new sbyte[vector.Length];
        for (int i = 0; i < whole.Length; i++) whole[i] = (sbyte)Math.Clamp(MathF.Round(vector[i] / scale), -127, 127);
        return whole;
    }
}
