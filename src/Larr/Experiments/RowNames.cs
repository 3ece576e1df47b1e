using Larr.Runs;

namespace Larr.Experiments;

/// <summary>Rows of an ablation chosen by their names.</summary>
static class RowNames
{
    /// <summary>The rows of these names, in the order of the names, with the one that the others are tested against first where it is not among them.</summary>
    /// <exception cref="InputException">There is no row of a name, or it comes twice.</exception>
    public static IReadOnlyList<T> Choose<T>(IReadOnlyList<T> all, Func<T, string> nameOf, T baseline, IReadOnlyList<string> names, string file, string place)
        where T : class
    {
        foreach (string name in names)
        {
            if (all.All(row => nameOf(row) != name)) throw new InputException(file, place, $"'{name}'", $"'{Nearest.To(name, all.Select(nameOf))}' perhaps");
            if (names.Count(n => n == name) > 1) throw new InputException(file, place, $"'{name}' twice", "each row once");
        }
        T[] chosen = [.. names.Select(name => all.First(row => nameOf(row) == name))];
        return chosen.Contains(baseline) ? chosen : [baseline, .. chosen];
    }
}
