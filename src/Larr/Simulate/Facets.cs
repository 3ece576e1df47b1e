namespace Larr.Simulate;

/// <summary>
/// The human dimensions of food and of situations that the simulated city is built on. A value is a float per facet;
/// the same facets describe a dish and a situation, so that "heavy snow" and "steaming soup" meet in <see cref="Warm"/>.
/// </summary>
enum Facet
{
    Warm,
    Spicy,
    Sweet,
    Quick,
    Cheap,
    Healthy,
    Hearty,
    Sharing,
    Morning,
    Coffee,
    Meat,
    Seafood,
    Staple,
    Drink,
    Night,
    Gentle,
}

/// <summary>Arithmetic of facet vectors: plain arrays of <see cref="Count"/> floats, summed in a fixed order.</summary>
static class Facets
{
    public const int Count = 16;

    public static float Dot(float[] a, float[] b)
    {
        float sum = 0;
        for (int i = 0; i < Count; i++) sum += a[i] * b[i];
        return sum;
    }

    public static void Add(float[] target, float[] source, float weight)
    {
        for (int i = 0; i < Count; i++) target[i] += weight * source[i];
    }

    public static void Scale(float[] vector, float factor)
    {
        for (int i = 0; i < Count; i++) vector[i] *= factor;
    }

    public static float Norm(float[] vector) => MathF.Sqrt(Dot(vector, vector));

    public static float[] Gaussian(Chance chance)
    {
        float[] vector = new float[Count];
        for (int i = 0; i < Count; i++) vector[i] = chance.Gaussian();
        return vector;
    }
}
