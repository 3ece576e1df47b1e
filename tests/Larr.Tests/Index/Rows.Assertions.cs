using Larr.Embed;
using Larr.Index;

namespace Larr.Tests.Index;

static partial class Rows
{
    /// <summary>Asserts that a generation holds exactly these rows with their vectors.</summary>
    public static void AssertHolds(Generation generation, IReadOnlyCollection<ValueText> rows)
    {
        Assert.Equal(rows.Count, generation.Count);
        Assert.Equal(rows.Count, generation.Rows().Count());
        foreach (ValueText row in rows)
        {
            Assert.True(generation.TryGet(row.Field, row.Value, out int at), row.Value);
            Assert.Equal(row, generation.Row(at));
            Assert.Equal(Vector(row.Text), generation.Vector(at).ToArray());
        }
    }

    public static void AssertSameFiles(string expected, string actual)
    {
        Dictionary<string, byte[]> right = Files(expected), found = Files(actual);
        Assert.Equal(right.Keys.Order(), found.Keys.Order());
        foreach ((string name, byte[] bytes) in right) Assert.True(bytes.AsSpan().SequenceEqual(found[name]), name);
    }
}
