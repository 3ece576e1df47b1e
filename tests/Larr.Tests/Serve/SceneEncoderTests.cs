using Larr.Align;
using Larr.Data;
using Larr.Embed;
using Larr.Runs;
using Larr.Serve;
using Larr.Tests.Ctr;
using static TorchSharp.torch;

namespace Larr.Tests.Serve;

[Collection("torch")]
public sealed class SceneEncoderTests
{
    /// <summary>An untrained aggregator with every parameter moved off its initial value, saved beside its table.</summary>
    static SceneAggregator Saved(PlantedTable planted, AlignConfig config, int dimension, string folder)
    {
        using var generator = new Generator(5);
        SceneAggregator trained = SceneAggregator.Create(config, planted.Vectors, dimension, generator)!;
        using (no_grad())
            foreach (TorchSharp.Modules.Parameter p in trained.parameters()) p.add_(randn(p.shape, generator: generator) * .1);
        SceneArtefact.Write(folder, config, planted.Vectors, dimension, trained);
        return trained;
    }

    [Theory]
    [InlineData(SceneAggregation.Encoder, 64, 2, 4, 16)]
    [InlineData(SceneAggregation.Encoder, 64, 3, 2, 16)]
    [InlineData(SceneAggregation.Encoder, 32, 1, 4, 8)]
    [InlineData(SceneAggregation.Encoder, 24, 2, 4, 10)]
    [InlineData(SceneAggregation.Encoder, 10, 2, 5, 3)]
    [InlineData(SceneAggregation.MeanPool, 32, 2, 4, 10)]
    [InlineData(SceneAggregation.ConcatMlp, 24, 2, 4, 10)]
    [InlineData(SceneAggregation.AttentionPool, 24, 2, 4, 10)]
    public void It_equals_the_trained_module(SceneAggregation scene, int width, int layers, int heads, int dimension)
    {
        using var planted = new PlantedTable(300);
        string folder = planted.Context("align").Folder;
        using SceneAggregator trained = Saved(planted, new AlignConfig { Scene = scene, Width = width, Layers = layers, Heads = heads }, dimension, folder);
        var encoder = SceneEncoder.Load(folder, null, planted.RawVectors);
        int[] rows = [.. Enumerable.Range(0, 300)];
        using var scope = NewDisposeScope();
        SceneBatch batch = new SceneRows(planted.Table, planted.Vectors).Batch(rows, CPU);
        Tensor expected = trained.forward(batch).index_select(0, batch.OfRow);
        var workspace = new SceneWorkspace(encoder);
        float[] scene1 = new float[dimension];
        foreach (int row in rows)
        {
            encoder.Encode(Codes(encoder, planted.Table, row), workspace, scene1);
            float[] truth = expected[row].data<float>().ToArray();
            for (int i = 0; i < dimension; i++) Assert.Equal(truth[i], scene1[i], 1e-5);
        }
    }

    [Fact]
    public void Threads_with_workspaces_of_their_own_do_not_disturb_each_other_and_nothing_is_allocated()
    {
        using var planted = new PlantedTable(200);
        string folder = planted.Context("align").Folder;
        Saved(planted, new AlignConfig { Width = 64 }, 16, folder).Dispose();
        var encoder = SceneEncoder.Load(folder, null, planted.RawVectors);
        int[][] codes = [.. Enumerable.Range(0, 200).Select(r => Codes(encoder, planted.Table, r))];
        float[][] Encode()
        {
            var workspace = new SceneWorkspace(encoder);
            float[][] scenes = [.. codes.Select(_ => new float[16])];
            encoder.Encode(codes[0], workspace, scenes[0]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < codes.Length; i++) encoder.Encode(codes[i], workspace, scenes[i]);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            return scenes;
        }

        float[][] alone = Encode();
        Thread[] threads = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() => Assert.Equal(alone, Encode())))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
    }

    [Fact]
    public void A_value_without_a_vector_reads_as_the_fields_mean()
    {
        using var planted = new PlantedTable(200);
        string folder = planted.Context("align").Folder;
        Saved(planted, new AlignConfig { Width = 16 }, 8, folder).Dispose();
        // A value whose vector is the mean of those of the training part is standardised to zeros.
        float[] mean = planted.Vectors.Mean(1).ToArray();
        var encoder = SceneEncoder.Load(folder, null, planted.RawVectors.Append(("meal", "the mean", mean)));
        Assert.Equal(0, encoder.Code(1, "never seen"));
        var workspace = new SceneWorkspace(encoder);
        (float[] unknown, float[] average) = (new float[8], new float[8]);
        encoder.Encode([1, 0, 1, 1, 1], workspace, unknown);
        encoder.Encode([1, encoder.Code(1, "the mean"), 1, 1, 1], workspace, average);
        for (int i = 0; i < 8; i++) Assert.Equal(average[i], unknown[i], 1e-5);
    }

    [Fact]
    public void Vectors_of_another_model_are_refused_with_both_identities_named()
    {
        using var planted = new PlantedTable(50);
        VectorIdentity trainedOn = new("aaaa", "tok", "tem", "mean", PlantedTable.VectorWidth), other = trainedOn with { Model = "bbbb" };
        SceneVectors vectors = SceneVectors.From(planted.Table, planted.VectorOf, trainedOn);
        string folder = planted.Context("align").Folder;
        using var generator = new Generator(5);
        using SceneAggregator trained = SceneAggregator.Create(new AlignConfig(), vectors, 8, generator)!;
        SceneArtefact.Write(folder, new AlignConfig(), vectors, 8, trained);
        Assert.NotNull(SceneEncoder.Load(folder, trainedOn, planted.RawVectors));
        var error = Assert.Throws<InputException>(() => SceneEncoder.Load(folder, other, planted.RawVectors));
        Assert.Contains("model aaaa", error.Message);
        Assert.Contains("model bbbb", error.Message);
    }

    [Fact]
    public void Damaged_and_missing_files_and_wrong_codes_are_named()
    {
        using var planted = new PlantedTable(50);
        string folder = planted.Context("align").Folder;
        Assert.Contains("larr align", Assert.Throws<InputException>(() => SceneEncoder.Load(folder, null, [])).Message);
        Saved(planted, new AlignConfig { Width = 16 }, 8, folder).Dispose();
        Assert.Contains("a vector of 3", Assert.Throws<InputException>(() => SceneEncoder.Load(folder, null, [("meal", "meal 1", [1, 2, 3])])).Message);
        var encoder = SceneEncoder.Load(folder, null, planted.RawVectors);
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Encode([1, 1, 99, 1, 1], new SceneWorkspace(encoder), new float[8]));
        string description = Path.Combine(folder, SceneArtefact.DescriptionFile);
        File.WriteAllText(description, File.ReadAllText(description).Replace("\"width\": 16", "\"width\": 20"));
        Assert.Contains(SceneArtefact.WeightsFile, Assert.Throws<InputException>(() => SceneEncoder.Load(folder, null, planted.RawVectors)).Message);
        File.WriteAllText(description, File.ReadAllText(description).Replace("\"encoder\"", "\"wholeText\""));
        Assert.Contains("cannot be served", Assert.Throws<InputException>(() => SceneEncoder.Load(folder, null, planted.RawVectors)).Message);
    }

    internal static int[] Codes(SceneEncoder encoder, ImpressionTable table, int row) =>
        [.. encoder.Fields.Select((name, f) => encoder.Code(f, table.Values(name)[table.Codes(name)[row]]))];
}
