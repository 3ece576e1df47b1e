using Larr.Embed;
using Larr.Runs;

namespace Larr.Tests.Embed;

public sealed class WordNeighboursTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_mean_is_taken_off_before_similarities()
    {
        // Mean (3, 1): what is left points up, down, right and left.
        WordVectors words = WordVectors.Read(_folder.Write("glove.txt", "tea 3 2\nrain 3 0\ncoffee 5 1\nsnow 1 1\n"));
        Assert.Equal([float.NegativeInfinity, -1, 0, 0], words.Similarities(0));
    }

    [Fact]
    public void Neighbours_are_counted_and_ranked()
    {
        // Eleven others: the reference's ten nearest to "w0" are all but "w11"; the model puts "w11" before all of them but the first.
        string[] names = [.. Enumerable.Range(0, 12).Select(i => $"w{i}")];
        WordVectors reference = new(names, [.. Enumerable.Range(0, 12).Select(i => At(i * 0.1))]);
        WordVectors model = new(names, [.. Enumerable.Range(0, 12).Select(i => At(i == 11 ? 0.15 : i * 0.1))]);
        NeighbourReport report = NeighbourReport.Of("words.txt", ["w0"], model, reference);
        WordNeighbours word = Assert.Single(report.Words);
        Assert.Equal(["w1", "w11", "w2"], word.Model.Take(3));
        Assert.Equal(9, word.Shared);
        Assert.Equal(1 / 10.0, word.Auc, 9); // of the ten, one stands before the only other word
    }

    [Fact]
    public void An_unknown_word_and_a_broken_line_are_refused()
    {
        WordVectors two = WordVectors.Read(_folder.Write("two.txt", "tea 1 0\nrain 0 1\n"));
        Assert.Equal("words.txt: line 2: found fog; expected a word that the reference knows",
            Assert.Throws<InputException>(() => NeighbourReport.Of("words.txt", ["tea", "fog"], two, two)).Message);
        string broken = _folder.Write("broken.txt", "tea 1 0\nrain 0 x\n");
        Assert.Equal($"{broken}: line 2: found rain 0 x; expected a word and 2 numbers", Assert.Throws<InputException>(() => WordVectors.Read(broken)).Message);
    }

    static float[] At(double angle) => [(float)Math.Cos(angle), (float)Math.Sin(angle)];

    public void Dispose() => _folder.Dispose();
}
