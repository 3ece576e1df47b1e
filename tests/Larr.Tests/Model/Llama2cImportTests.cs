using Larr.Model;
using Larr.Runs;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Tests.Model;

[Collection("torch")]
public sealed class Llama2cImportTests : IDisposable
{
    // Width 4, feed-forward 6, one layer, two heads of width 2, one key/value head, vocabulary 259, longest text 3.
    static readonly int[] header = [4, 6, 1, 2, 1, 259, 3];
    static readonly int[] sizes = [259 * 4, 4, 4 * 4, 2 * 4, 2 * 4, 4 * 4, 4, 6 * 4, 4 * 6, 6 * 4, 4, 3 * 2];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Tensors_are_read_in_the_order_of_the_file()
    {
        using var scope = NewDisposeScope();
        float next = 0;
        float[][] parts = [.. sizes.Select(n => Enumerable.Range(0, n).Select(_ => next++).ToArray())];
        using Decoder decoder = Llama2cWeights.Read(Write(header, parts));
        Dictionary<string, Tensor> weights = decoder.state_dict();
        float[] Of(string name) => weights[name].data<float>().ToArray();
        Assert.Equal(parts[0], Of("embed.weight"));
        Assert.Equal(parts[1], Of("layers.0.attentionNorm.weight"));
        // A head of width 2 is one pair, so that its rows keep their order; wider heads are proved by the story.
        Assert.Equal([.. parts[2], .. parts[3], .. parts[4]], Of("layers.0.attention.qkv.weight"));
        Assert.Equal(parts[5], Of("layers.0.attention.output.weight"));
        Assert.Equal(parts[6], Of("layers.0.feedForwardNorm.weight"));
        Assert.Equal([.. parts[7], .. parts[9]], Of("layers.0.feedForward.gateUp.weight"));
        Assert.Equal(parts[8], Of("layers.0.feedForward.down.weight"));
        Assert.Equal(parts[10], Of("norm.weight"));
        Assert.Equal((2, 1e-5, true), (decoder.Config.HeadWidth, decoder.Config.NormEpsilon, decoder.Config.TiedHead));
    }

    [Fact]
    public void A_negative_vocabulary_has_a_head_of_its_own_at_the_end()
    {
        using var scope = NewDisposeScope();
        float[][] parts = [.. sizes.Select(n => new float[n]), Enumerable.Range(0, sizes[0]).Select(i => (float)i).ToArray()];
        using Decoder decoder = Llama2cWeights.Read(Write([4, 6, 1, 2, 1, -259, 3], parts));
        Assert.Equal(parts[^1], decoder.HeadWeight.data<float>().ToArray());
    }

    [Fact]
    public void Neighbouring_dimensions_become_halves()
    {
        using var scope = NewDisposeScope();
        using Decoder decoder = Llama2cWeights.Read(TestData.File("tinyllama", "stories260K.bin"));
        using var stream = new BinaryReader(File.OpenRead(TestData.File("tinyllama", "stories260K.bin")));
        stream.BaseStream.Position = 28 + 4 * (512 * 64 + 5 * 64);
        float[] first = [.. Enumerable.Range(0, 64 * 64).Select(_ => stream.ReadSingle())];
        float[] qkv = decoder.state_dict()["layers.0.attention.qkv.weight"].data<float>().ToArray();
        // Head 1 (rows 8 to 15): its dimensions 0, 2, 4, 6, 1, 3, 5, 7.
        foreach ((int ours, int theirs) in new[] { (8, 8), (9, 10), (11, 14), (12, 9), (15, 15) })
            Assert.Equal(first[(theirs * 64)..(theirs * 64 + 64)], qkv[(ours * 64)..(ours * 64 + 64)]);
    }

    [Theory]
    [InlineData(0, 5, "width 5 and 2 heads")]
    [InlineData(2, 2, "bytes for the shape in its header")]
    [InlineData(2, -1, "Layers is -1")]
    [InlineData(3, 0, "0 heads")]
    [InlineData(5, int.MinValue, "VocabularySize is 0")]
    [InlineData(1, int.MaxValue, "bytes for the shape in its header")]
    public void A_header_that_does_not_fit_the_file_is_refused(int at, int value, string says)
    {
        int[] changed = [.. header];
        changed[at] = value;
        string file = Write(changed, [.. sizes.Select(n => new float[n])]);
        string message = Assert.Throws<InputException>(() => Llama2cWeights.Read(file)).Message;
        Assert.StartsWith(file, message);
        Assert.Contains(says, message);
    }

    [Fact]
    public void A_vocabulary_that_is_cut_off_or_of_another_size_is_refused()
    {
        string good = TestData.File("tinyllama", "tok512.bin"), file = folder.At("tok.bin");
        Assert.Equal(512, Llama2cVocabulary.Read(good, 512).Vocabulary.Count);
        Assert.Contains("more than 511", Refused(good, 511));
        Assert.Contains("512 whole tokens; expected 513", Refused(good, 513));
        File.WriteAllBytes(file, File.ReadAllBytes(good)[..1000]);
        Assert.Contains("whole tokens; expected 512", Refused(file, 512));
        File.WriteAllBytes(file, new byte[12]);
        Assert.Contains("length of token 0: found 0", Refused(file, 512));
        Assert.Contains("no such file", Refused(folder.At("none"), 512));
    }

    [Fact]
    public void A_folder_that_is_there_is_left_alone_and_a_failure_leaves_nothing()
    {
        folder.Write("note.txt", "mine");
        string weights = TestData.File("tinyllama", "stories260K.bin"), vocabulary = TestData.File("tinyllama", "tok512.bin");
        Assert.Contains("is there already", Assert.Throws<InputException>(() => Llama2cImport.Run(weights, vocabulary, folder.Path)).Message);
        Assert.Equal(["note.txt"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
        Assert.Throws<InvalidOperationException>(() => WholeFolder.Write(folder.At("new"), f => { File.WriteAllText(Path.Combine(f, "half"), ""); throw new InvalidOperationException(); }));
        Assert.Equal(["note.txt"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    static string Refused(string file, int size) => Assert.Throws<InputException>(() => Llama2cVocabulary.Read(file, size)).Message;

    string Write(int[] header, float[][] parts)
    {
        string file = folder.At("model.bin");
        File.WriteAllBytes(file, [.. header.SelectMany(BitConverter.GetBytes), .. parts.SelectMany(p => p.SelectMany(BitConverter.GetBytes))]);
        return file;
    }
}
