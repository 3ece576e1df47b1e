using Larr.Align;
using Larr.Data;

namespace Larr.Tests.Align;

public sealed class FeatureMapTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    ImpressionTable Table(string[] values, int[] codes, Part[] parts)
    {
        string folder = Directory.CreateDirectory(_folder.At(Guid.NewGuid().ToString("n"))).FullName;
        var writer = new ImpressionTableWriter(folder, codes.Length, [new() { Name = "item", Role = FieldRole.Item }, new() { Name = "day", Role = FieldRole.Feature }]);
        writer.Codes("item", codes, values);
        writer.Codes("day", codes, values);
        writer.Parts(parts);
        writer.Finish();
        return ImpressionTable.Open(folder);
    }

    [Fact]
    public void Values_seen_only_outside_the_training_part_or_too_rarely_share_the_first_row_of_their_field()
    {
        // a twice in training; b once in training and thrice in the test part; c never in training.
        using ImpressionTable table = Table(["a", "b", "c"], [0, 0, 1, 1, 1, 1, 2],
            [Part.Train, Part.Train, Part.Train, Part.Test, Part.Test, Part.Test, Part.Validation]);

        FeatureMap once = FeatureMap.Build(table, ["item", "day"], 1), twice = FeatureMap.Build(table, ["item", "day"], 2);

        Assert.Equal([1, 2, 0], once.Ids(0).ToArray());
        Assert.Equal([4, 5, 3], once.Ids(1).ToArray());
        Assert.Equal(6, once.Size);
        Assert.Equal([0, 3], once.Unknown.ToArray());
        Assert.Equal([1, 0, 0], twice.Ids(0).ToArray());
        Assert.Equal(4, twice.Size);
    }

    [Fact]
    public void A_saved_map_fits_a_table_with_other_codes()
    {
        using ImpressionTable first = Table(["a", "b"], [0, 1], [Part.Train, Part.Train]);
        using ImpressionTable second = Table(["new", "b", "a"], [0, 1, 2], [Part.Train, Part.Train, Part.Train]);
        FeatureMap.Build(first, ["item"], 1).Save(_folder.Path);

        FeatureMap loaded = FeatureMap.Load(_folder.Path, second);

        Assert.Equal([0, 2, 1], loaded.Ids(0).ToArray());
        Assert.Equal(3, loaded.Size);
    }

    public void Dispose() => _folder.Dispose();
}
