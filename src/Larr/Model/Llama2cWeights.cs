using System.Buffers.Binary;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>
/// Weights of llama2.c in its first layout (version 0): seven int32 (width, feed-forward width, layers, heads, key/value heads, vocabulary,
/// negative where the head is free, longest text), then float32 tensors, each for all layers, and tables of angles, which are left out.
/// llama2.c turns neighbouring dimensions; rows of q and k are reordered here, so that dimension i turns with i + d/2.
/// </summary>
public static class Llama2cWeights
{
    const int HeaderBytes = 7 * sizeof(int);

    /// <summary>Reads a decoder.</summary>
    /// <exception cref="InputException">The file is missing, of another size than its header says, or no such file.</exception>
    public static Decoder Read(string file)
    {
        if (!File.Exists(file)) throw new InputException(file, "no such file");
        using FileStream stream = File.OpenRead(file);
        DecoderConfig config = Header(stream, file);
        var decoder = new Decoder(config);
        try
        {
            ReadWeights(decoder, stream);
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
        return decoder;
    }

    static DecoderConfig Header(FileStream stream, string file)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (stream.Length < HeaderBytes) throw new InputException(file, "size", $"{stream.Length} bytes", $"a llama2.c file of at least {HeaderBytes} bytes");
        stream.ReadExactly(header);
        var n = new int[7];
        for (int i = 0; i < n.Length; i++) n[i] = BinaryPrimitives.ReadInt32LittleEndian(header[(4 * i)..]);
        (int width, int inner, int layers, int heads, int keyValueHeads, int vocabulary, int length) = (n[0], n[1], n[2], n[3], n[4], n[5], n[6]);
        if (heads <= 0 || width % heads != 0) throw new InputException(file, "header", $"width {width} and {heads} heads", "a width that the heads share evenly, as version 0 of llama2.c has it");
        var config = new DecoderConfig
        {
            VocabularySize = vocabulary == int.MinValue ? 0 : Math.Abs(vocabulary),
            Width = width,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadWidth = width / heads,
            FeedForwardWidth = inner,
            MaxLength = length,
            NormEpsilon = 1e-5,
            TiedHead = vocabulary > 0,
        };
        try { config.Validate(); }
        catch (Exception e) when (e is ArgumentException or DivideByZeroException) { throw new InputException(file, "header: " + e.Message); }
        Int128 bytes = HeaderBytes + sizeof(float) * Floats(config);
        if (bytes != stream.Length) throw new InputException(file, "size", $"{stream.Length} bytes", $"{bytes} bytes for the shape in its header");
        return config;
    }

    static Int128 Floats(DecoderConfig c)
    {
        Int128 width = c.Width, kv = c.KeyValueHeads * (Int128)c.HeadWidth;
        Int128 layer = 2 * width + 2 * width * width + 2 * kv * width + 3 * width * c.FeedForwardWidth;
        return (c.TiedHead ? 1 : 2) * c.VocabularySize * width + c.Layers * layer + width + c.MaxLength * (Int128)c.HeadWidth;
    }

    static void ReadWeights(Decoder decoder, FileStream stream)
    {
        using var noGrad = no_grad();
        DecoderConfig c = decoder.Config;
        int q = c.Heads * c.HeadWidth, kv = c.KeyValueHeads * c.HeadWidth;
        DecoderLayer[] layers = [.. decoder.layers];
        Fill(decoder.embed.weight);
        foreach (DecoderLayer layer in layers) Fill(layer.attentionNorm.weight);
        foreach (DecoderLayer layer in layers) FillTurned(layer.attention.qkv.weight.narrow(0, 0, q), c.Heads);
        foreach (DecoderLayer layer in layers) FillTurned(layer.attention.qkv.weight.narrow(0, q, kv), c.KeyValueHeads);
        foreach (DecoderLayer layer in layers) Fill(layer.attention.qkv.weight.narrow(0, q + kv, kv));
        foreach (DecoderLayer layer in layers) Fill(layer.attention.output.weight);
        foreach (DecoderLayer layer in layers) Fill(layer.feedForwardNorm.weight);
        foreach (DecoderLayer layer in layers) Fill(layer.feedForward.gateUp.weight.narrow(0, 0, c.FeedForwardWidth));
        foreach (DecoderLayer layer in layers) Fill(layer.feedForward.down.weight);
        foreach (DecoderLayer layer in layers) Fill(layer.feedForward.gateUp.weight.narrow(0, c.FeedForwardWidth, c.FeedForwardWidth));
        Fill(decoder.norm.weight);
        stream.Seek(sizeof(float) * (long)c.MaxLength * c.HeadWidth, SeekOrigin.Current);
        if (decoder.head is not null) Fill(decoder.head.weight);

        void Fill(Tensor rows) => stream.ReadExactly(rows.bytes);

        void FillTurned(Tensor rows, int heads) // [heads · d, D]
        {
            using var scope = NewDisposeScope();
            Tensor read = empty(rows.shape);
            Fill(read);
            rows.copy_(read.view(heads, c.HeadWidth / 2, 2, c.Width).transpose(1, 2).reshape(rows.shape));
        }
    }
}
