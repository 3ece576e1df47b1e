using Larr.Data;
using Larr.Runs;

namespace Larr.Tests.Ctr;

/// <summary>Impressions whose click follows a number's distance from the middle, another number's size, and one tag among others.</summary>
sealed class NumbersAndTags : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public NumbersAndTags(int rows)
    {
        var random = new Random(1);
        float[] bump = new float[rows], slope = new float[rows];
        long[] offsets = new long[rows + 1];
        List<int> tags = [];
        byte[] label = new byte[rows];
        for (int r = 0; r < rows; r++)
        {
            (bump[r], slope[r]) = (random.NextSingle(), 10 * random.NextSingle());
            bool hot = random.Next(2) == 0;
            if (hot) tags.Add(3);
            tags.Add(random.Next(3));
            offsets[r + 1] = tags.Count;
            double logit = (Math.Abs(bump[r] - .5) < .25 ? 1.5 : -1.5) + .4 * (slope[r] - 5) + (hot ? 1.5 : -1.5);
            label[r] = random.NextDouble() < 1 / (1 + Math.Exp(-logit)) ? (byte)1 : (byte)0;
            if (r % 50 == 0) bump[r] = float.NaN;
        }
        var writer = new ImpressionTableWriter(_folder.Path, rows,
        [
            new() { Name = "click", Role = FieldRole.Label },
            new() { Name = "item", Role = FieldRole.Item },
            new() { Name = "bump", Role = FieldRole.Number, Buckets = 8 },
            new() { Name = "slope", Role = FieldRole.Number, Buckets = 0 },
            new() { Name = "tags", Role = FieldRole.Tags },
        ]);
        writer.Labels(label);
        writer.Codes("item", new int[rows], ["the item"]);
        writer.Numbers("bump", bump);
        writer.Numbers("slope", slope);
        writer.Tags("tags", offsets, [.. tags], ["cold", "warm", "new", "hot"]);
        writer.Parts([.. Enumerable.Range(0, rows).Select(r => (r % 10) switch { 8 => Part.Validation, 9 => Part.Test, _ => Part.Train })]);
        writer.Finish();
        Table = ImpressionTable.Open(_folder.Path);
    }

    public ImpressionTable Table { get; }

    public StageContext Context => new(_folder.Path, 1, new Progress<StageProgress>(), CancellationToken.None);

    public void Dispose()
    {
        Table.Dispose();
        _folder.Dispose();
    }
}
