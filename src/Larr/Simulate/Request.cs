namespace Larr.Simulate;

/// <summary>One request: a scene, and the shops shown under it from top to bottom.</summary>
sealed record Request(int Id, int User, DateTime Time, float Day, Situation Situation, int[] History, Exposure[] Exposures)
{
    /// <summary>Shops shown per request.</summary>
    public const int Size = 5;
}

/// <summary>A shop shown, with the truth about it and what happened.</summary>
/// <param name="Shop">The shop.</param>
/// <param name="Probability">True click probability.</param>
/// <param name="WithoutScene">Log odds without the scene's part.</param>
/// <param name="Clicked">Whether it was clicked.</param>
/// <param name="Ordered">Whether an order followed the click.</param>
readonly record struct Exposure(Shop Shop, float Probability, float WithoutScene, bool Clicked, bool Ordered);
