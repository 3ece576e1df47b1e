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
        TestData.File("frappe", "Mobile_Frappe.zip");
        DataReport report = Run("frappe", folder.Path);
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
        TestData.File("foursquare", "foursquare_nyc_weather_train.csv");
        DataReport report = Run("foursquare", folder.Path);
        Assert.Equal(66_962, report.Positives);
        Assert.Equal((193, 13_848), (report.Cardinalities["person"], report.Cardinalities["place"]));
        using ImpressionTable table = ImpressionTable.Open(folder.Path);
        long lastTrain = -1, firstTest = long.MaxValue;
        (Part[] parts, long[] times, byte[] labels, int[] people) = (table.Parts.ToArray(), table.Times.ToArray(), table.Labels.ToArray(), table.Codes("person").ToArray());
        for (int r = 0; r < table.Rows; r++)
        {
            if (parts[r] == Part.Train) lastTrain = Math.Max(lastTrain, times[r]);
            if (parts[r] == Part.Test) firstTest = Math.Min(firstTest, times[r]);
        }
        Assert.True(lastTrain < firstTest);
        Assert.InRange(firstTest, 800, 950);

        // A user's second check-in has the first one as its whole history.
        int first = Enumerable.Range(0, table.Rows).First(r => labels[r] == 1 && table.Behaviour("before")[r].Length == 0);
        int second = Enumerable.Range(first + 1, table.Rows - first - 1).First(r => labels[r] == 1 && people[r] == people[first]);
        Assert.Equal([table.Codes("place")[first]], table.Behaviour("before")[second].ToArray());
    }

    /// <summary>The experiment files name LARR_DATA itself, which may be unset where the data lies beside the checkout.</summary>
    static DataReport Run(string experiment, string output)
    {
        string data = Environment.GetEnvironmentVariable("LARR_DATA") ?? Path.Combine(Cli.Command.Repository, "..", "shared", "data");
        return DataStage.Run(ExperimentFile.Data(experiment), ExperimentFile.Folder(experiment), new Dictionary<string, string> { ["LARR_DATA"] = data },
            new StageContext(output, 1, new Progress<StageProgress>(), CancellationToken.None));
    }
}
