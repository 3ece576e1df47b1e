using System.Numerics.Tensors;

namespace Larr.Contrast;

/// <summary>What lies nearest to a text, for eyes rather than for figures.</summary>
/// <param name="Text">A left text of held-out pairs.</param>
/// <param name="Before">Its nearest right texts with the model as it came, nearest first.</param>
/// <param name="After">With the trained encoder.</param>
public sealed record NearestTexts(string Text, IReadOnlyList<string> Before, IReadOnlyList<string> After)
{
    const int Asked = 5, Count = 3;

    /// <summary>The left texts of the first pairs, each once, and what is near them among all right texts.</summary>
    /// <param name="pairs">Distinct (left, right) text numbers, the most telling first.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="before">The unit vector of a text before training.</param>
    /// <param name="after">And after.</param>
    public static IReadOnlyList<NearestTexts> Of(IReadOnlyList<(int Left, int Right)> pairs, IReadOnlyList<string> texts, Func<int, float[]> before, Func<int, float[]> after)
    {
        int[] candidates = [.. pairs.Select(p => p.Right).Distinct()];
        return [.. pairs.Select(p => p.Left).Distinct().Take(Asked).Select(left => new NearestTexts(texts[left], Near(left, before), Near(left, after)))];

        string[] Near(int left, Func<int, float[]> vector)
        {
            float[] query = vector(left);
            return [.. candidates.Where(c => c != left).OrderByDescending(c => TensorPrimitives.Dot<float>(query, vector(c))).Take(Count).Select(c => texts[c])];
        }
    }
}
