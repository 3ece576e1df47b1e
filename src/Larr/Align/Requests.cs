using Larr.Data;
using Larr.Runs;

namespace Larr.Align;

/// <summary>Which rows belong to one request: those of the same group and scene. They share a scene vector, which a batch that holds them all encodes once.</summary>
static class Requests
{
    /// <summary>The number of the request of each of <paramref name="rows"/>.</summary>
    /// <exception cref="InputException">The table has no group field or no scene field.</exception>
    public static int[] Of(ImpressionTable table, int[] rows)
    {
        if (table.Find(FieldRole.Group) is not { } group || DistinctScenes.FieldsOf(table) is not { Length: > 0 } fields)
            throw new InputException("experiment", "align.wholeRequests", "true", "a field of the role group and one of the role scene, which tell what a request is");
        return Columns.Pick(DistinctScenes.Of(table, [group.Name, .. fields]).OfRow, rows);
    }
}
