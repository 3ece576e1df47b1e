namespace Larr.Simulate;

/// <summary>What surrounds one request, in plain words.</summary>
/// <param name="Period">Meal period.</param>
/// <param name="Weekday">Day of the week.</param>
/// <param name="Holiday">Holiday, or an ordinary day.</param>
/// <param name="Weather">Weather in the region.</param>
/// <param name="Place">Kind of place the user is at.</param>
/// <param name="Company">Whom the user eats with.</param>
/// <param name="Diner">Age and occupation of the user.</param>
/// <param name="Search">What the user has just searched for, or nothing.</param>
/// <param name="Recent">What the user has clicked last, or nothing yet.</param>
/// <param name="Supply">State of the couriers and kitchens.</param>
sealed record Scene(
    string Period, string Weekday, string Holiday, string Weather, string Place, string Company, string Diner, string Search, string Recent, string Supply);

/// <summary>A scene with what decides about clicks: when and where it is, and what it makes one want.</summary>
/// <param name="Scene">The words.</param>
/// <param name="PeriodIndex">Index of the meal period.</param>
/// <param name="Region">Index of the region.</param>
/// <param name="Need">The wants that the scene brings with it, a facet vector.</param>
sealed record Situation(Scene Scene, int PeriodIndex, int Region, float[] Need)
{
    /// <summary>Period and region: what an adaptive kernel is trained for.</summary>
    public string Domain => $"{Scene.Period} / {SceneWords.Regions[Region].Name}";
}
