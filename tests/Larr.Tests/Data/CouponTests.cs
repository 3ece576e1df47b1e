using Larr.Data;
using Larr.Runs;

namespace Larr.Tests.Data;

public sealed class CouponTests
{
    [Fact]
    public void There_are_587_respondents_and_no_fold_cuts_one()
    {
        using var folder = new TemporaryFolder();
        DataReport report = Run(folder.Path);
        Assert.Equal(12_684, report.Rows);
        Assert.Equal(7_210, report.Positives);
        Assert.Equal(587, report.Cardinalities["respondent"]);

        using ImpressionTable table = ImpressionTable.Open(folder.Path);
        ReadOnlySpan<int> respondents = table.Codes("respondent");
        var partOf = new Dictionary<int, Part>();
        for (int r = 0; r < table.Rows; r++)
        {
            partOf.TryAdd(respondents[r], table.Parts[r]);
            Assert.Equal(partOf[respondents[r]], table.Parts[r]);
            if (r > 0) Assert.InRange(respondents[r] - respondents[r - 1], 0, 1);
        }
        Assert.InRange(partOf.Values.Count(p => p == Part.Test), 117, 118);
    }

    [Fact]
    public void The_first_line_reads_in_words()
    {
        using var folder = new TemporaryFolder();
        Run(folder.Path);
        using ImpressionTable table = ImpressionTable.Open(folder.Path);
        string[] scene = [.. table.FindAll(FieldRole.Scene).Select(f => f.Say(table.Values(f.Name)[table.Codes(f.Name)[0]]))];
        Assert.Equal(
        [
            "the driver is going to no urgent place", "the driver travels alone", "the weather is mild and sunny", "it is two in the afternoon",
            "the venue is five to fifteen minutes in the other direction", "the driver visits cheap restaurants four to eight times a month",
            "the driver is a woman, 21 to 25 years old", "the driver is unemployed", "the driver earns 37500 to 49999 dollars a year",
            "the driver is living with a partner with children",
        ], scene);
        Assert.Equal("coupon for a cheap restaurant, valid for one day", table.Text("name", table.Codes("coupon")[0]));
    }

    static DataReport Run(string folder)
    {
        string? data = Environment.GetEnvironmentVariable("LARR_DATA");
        if (data is null || !Directory.Exists(Path.Combine(data, "coupon"))) Assert.Skip("the coupon data is not in LARR_DATA");
        var context = new StageContext(folder, Seed: 1, new Progress<StageProgress>(), CancellationToken.None);
        return DataStage.Run(ExperimentFile.Data("coupon"), ExperimentFile.Folder("coupon"), new Dictionary<string, string>(), context);
    }
}
