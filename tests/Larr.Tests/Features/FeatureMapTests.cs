using Larr.Data;
using Larr.Features;
using Larr.Runs;

namespace Larr.Tests.Features;

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
        FeatureMapFolder.Save(FeatureMap.Build(first, ["item"], 1), _folder.Path);

        FeatureMap loaded = FeatureMapFolder.Load(_folder.Path, second);

        Assert.Equal([0, 2, 1], loaded.Ids(0).ToArray());
        Assert.Equal(3, loaded.Size);
    }

    [Fact]
    public void Numbers_fall_into_the_training_quantiles_or_scale_one_embedding()
    {
        // Training: 1 2 3 4 and one missing; then 2.5 and 99 in the test part.
        float[] numbers = [1, 2, 3, 4, float.NaN, 2.5f, 99];
        Part[] parts = [Part.Train, Part.Train, Part.Train, Part.Train, Part.Train, Part.Test, Part.Test];
        using ImpressionTable table = Table([new() { Name = "age", Role = FieldRole.Number, Buckets = 2 }, new() { Name = "weight", Role = FieldRole.Number, Buckets = 0 }], parts, w =>
        {
            w.Numbers("age", numbers);
            w.Numbers("weight", numbers);
        });
        FeatureMap map = FeatureMap.Build(table, ["age", "weight"], 1);

        // The bound is 2, the middle of the training values. Row 0 of the field is for what is missing.
        Assert.Equal([1, 1, 2, 2, 0, 2, 2], map.Codes(0).ToArray().Select(c => map.Ids(0)[c]));
        Assert.Equal([4, 4, 4, 4, 3, 4, 4], map.Codes(1).ToArray().Select(c => map.Ids(1)[c]));
        Assert.Equal(5, map.Size);
        Assert.True(map.HasScaled);
        // Mean 2.5, variance 1.25.
        Assert.Equal((4 - 2.5) / Math.Sqrt(1.25), map.Scale(1, 3), 5);
        Assert.Equal(1, map.Scale(1, 4));
        Assert.Equal(1, map.Scale(0, 3));
        Assert.Equal(.5, map.UnseenShare([4, 5])["age"]);

        FeatureMapFolder.Save(map, _folder.Path);
        FeatureMap loaded = FeatureMapFolder.Load(_folder.Path, table);
        Assert.Equal(map.Codes(0).ToArray(), loaded.Codes(0).ToArray());
        Assert.Equal(map.Scale(1, 0), loaded.Scale(1, 0));
    }

    [Fact]
    public void Hashed_values_need_no_vocabulary_and_tags_have_their_own()
    {
        Part[] parts = [Part.Train, Part.Train, Part.Test];
        using ImpressionTable table = Table([new() { Name = "tags", Role = FieldRole.Tags, MinCount = 2 }, new() { Name = "word", Role = FieldRole.Feature, Hash = 7 }], parts, w =>
        {
            w.Codes("word", [0, 1, 2], ["never", "ever", "neverland"]);
            w.Tags("tags", [0, 2, 3, 5], [0, 1, 1, 1, 2], ["hot", "spicy", "new"]);
        });
        FeatureMap map = FeatureMap.Build(table, ["tags", "word"], 1);

        Assert.Equal(["word"], map.Fields);
        Assert.Equal(["tags"], map.Tags);
        Assert.All(map.Ids(0).ToArray(), id => Assert.InRange(id, 1, 7));
        // "spicy" occurs twice in training, "hot" once, "new" never.
        Assert.Equal([8, 9, 8], map.Ids(1).ToArray());
        FeatureMapFolder.Save(map, _folder.Path);
        Assert.Equal(map.Ids(0).ToArray(), FeatureMapFolder.Load(_folder.Path, table).Ids(0).ToArray());
        Assert.Equal(map.Ids(1).ToArray(), FeatureMapFolder.Load(_folder.Path, table).Ids(1).ToArray());
    }

    [Fact]
    public void A_field_missing_at_serving_and_a_vocabulary_of_another_run_are_named()
    {
        using ImpressionTable table = Table(["a", "b"], [0, 1], [Part.Train, Part.Train]);
        using ImpressionTable poorer = Table([new() { Name = "item", Role = FieldRole.Item }], [Part.Train], w => w.Codes("item", [0], ["a"]));
        FeatureMapFolder.Save(FeatureMap.Build(table, ["item", "day"], 1), _folder.Path);

        string missing = Assert.Throws<InputException>(() => FeatureMapFolder.Load(_folder.Path, poorer)).Message;
        Assert.EndsWith("features.json: fields: found day; expected a field of the impression table: the model was trained with it", missing, StringComparison.Ordinal);

        StringFile.Write(_folder.At("features.1.values"), ["b", "a"]);
        string other = Assert.Throws<InputException>(() => FeatureMapFolder.Load(_folder.Path, table)).Message;
        Assert.Contains("features.1.values: day: found a vocabulary of another run; expected the one that features.json beside it was written with", other, StringComparison.Ordinal);
        File.Delete(_folder.At("features.1.values"));
        Assert.Contains("the vocabulary of day is missing", Assert.Throws<InputException>(() => FeatureMapFolder.Load(_folder.Path, table)).Message, StringComparison.Ordinal);
    }

    ImpressionTable Table(FieldConfig[] fields, Part[] parts, Action<ImpressionTableWriter> write)
    {
        string folder = Directory.CreateDirectory(_folder.At(Guid.NewGuid().ToString("n"))).FullName;
        var writer = new ImpressionTableWriter(folder, parts.Length, fields);
        write(writer);
        writer.Parts(parts);
        writer.Finish();
        return ImpressionTable.Open(folder);
    }

    public void Dispose() => _folder.Dispose();
}
