using Larr.Data;
using Larr.Runs;

namespace Larr.Tests.Data;

/// <summary>The experiment files of frappe and foursquare against the public files, where these are there.</summary>
public sealed class PublicLogTests
{
    [Fact]
    public void Frappe_is_96203_positives_with_two_negatives_each_in_seven_two_one()
    {
        using var folder = new TemporaryFolder();
        DataReport report = Run("frappe", "frappe", folder.Path);
        Assert.Equal(288_609, report.Rows);
        Assert.Equal(96_203, report.Positives);
        Assert.Equal((957, 4082), (report.Cardinalities["person"], report.Cardinalities["app"]));
        Assert.InRange(report.Parts[Part.Train].Rows, 201_000, 203_000);
        Assert.InRange(report.Parts[Part.Test].Rows, 28_300, 29_400);
        using ImpressionTable table = ImpressionTable.Open(folder.Path);
        int instagram = table.Values("app").ToList().IndexOf("3");
        Assert.Equal("Instagram", table.Text("name", instagram));
    }

    [Fact]
    public void Foursquare_tests_the_last_weeks_and_a_history_never_looks_ahead()
    {
        using var folder = new TemporaryFolder();
        DataReport report = Run("foursquare", "foursquare", folder.Path);
        Assert.Equal(66_962, report.Positives);
        Assert.Equal((193, 13_848), (report.Cardinalities["person"], report.Cardinalities["place"]));
        using ImpressionTable table = ImpressionTable.Open(folder.Path);
        long lastTrain = -1, firstTest = long.MaxValue;
        for (int r = 0; r < table.Rows; r++)
        {
            if (table.Parts[r] == Part.Train) lastTrain = Math.Max(lastTrain, table.Times[r]);
            if (table.Parts[r] == Part.Test) firstTest = Math.Min(firstTest, table.Times[r]);
        }
        Assert.True(lastTrain < firstTest);
        Assert.InRange(firstTest, 800, 950);

        // A user's second check-in has the first one as its whole history.
        int first = Enumerable.Range(0, table.Rows).First(r => table.Labels[r] == 1 && table.Behaviour("before")[r].Length == 0);
        int user = table.Codes("person")[first];
        int second = Enumerable.Range(first + 1, table.Rows - first - 1).First(r => table.Labels[r] == 1 && table.Codes("person")[r] == user);
        Assert.Equal([table.Codes("place")[first]], table.Behaviour("before")[second].ToArray());
    }

    static DataReport Run(string experiment, string data, string output)
    {
        string folder = Environment.GetEnvironmentVariable("LARR_DATA") ?? "";
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, data)), $"{data} is not here (LARR_DATA)");
        return DataStage.Run(ExperimentFile.Data(experiment), ExperimentFile.Folder(experiment), new Dictionary<string, string>(),
            new StageContext(output, 1, new Progress<StageProgress>(), CancellationToken.None));
    }
}
