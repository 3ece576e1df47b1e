using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Larr.Runs;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Model;

public sealed partial class TextEncoder
{
    const string SettingsFile = "encoder.json", ProjectionFile = "projection.safetensors";

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>
    /// Loads the folder of an encoder: a Hugging Face folder with <c>encoder.json</c> and, where there is a projection,
    /// <c>projection.safetensors</c>. A plain model folder is read as mean pooling without projection.
    /// </summary>
    /// <exception cref="InputException">A file is missing or malformed.</exception>
    public static (TextEncoder Encoder, TextTokenizer Tokenizer) Load(string folder)
    {
        Settings settings = ReadSettings(Path.Combine(folder, SettingsFile));
        (Decoder decoder, TextTokenizer tokenizer) = HuggingFaceFolder.Load(folder);
        var encoder = new TextEncoder(decoder, settings.Pooling, settings.Dimension, seed: 0, settings.Attention);
        if (encoder.HasProjection) encoder.LoadProjection(Path.Combine(folder, ProjectionFile));
        return (encoder, tokenizer);
    }

    /// <summary>Writes the encoder's folder in float32.</summary>
    public void Save(string folder, TextTokenizer tokenizer)
    {
        HuggingFaceFolder.Save(decoder, tokenizer, folder, ScalarType.Float32);
        File.WriteAllText(Path.Combine(folder, SettingsFile), JsonSerializer.Serialize(new Settings(Pooling, HasProjection ? Dimension : null, Attention), Json) + "\n");
        if (HasProjection) SafetensorsWriter.Write(Path.Combine(folder, ProjectionFile), Projections(), ScalarType.Float32);
    }

    /// <summary>What tokens see in the encoder of a folder; causal for a plain model folder.</summary>
    /// <exception cref="InputException">Its settings are malformed.</exception>
    public static TextAttention AttentionOf(string folder) => ReadSettings(Path.Combine(folder, SettingsFile)).Attention;

    /// <summary>
    /// What makes vectors comparable, as 64 hex digits: SHA-256 over the weights, configuration, tokenizer and pooling of a folder.
    /// </summary>
    /// <exception cref="InputException">The folder holds no model.</exception>
    public static string Identity(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "config.json"))) throw new InputException(folder, "no model folder: config.json not found");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.EnumerateFiles(folder).Where(IsPart).OrderBy(Path.GetFileName, StringComparer.Ordinal))
        {
            using FileStream stream = File.OpenRead(file);
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(file) + "\n"));
            hash.AppendData(SHA256.HashData(stream));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        static bool IsPart(string file) =>
            Path.GetExtension(file) == ".safetensors" || Path.GetFileName(file) is "config.json" or "tokenizer.json" or SettingsFile;
    }

    static Settings ReadSettings(string file)
    {
        if (!File.Exists(file)) return new Settings(Pooling.Mean, null);
        try
        {
            Settings settings = JsonSerializer.Deserialize<Settings>(File.ReadAllText(file), Json) ?? throw new JsonException();
            return settings.Dimension is <= 0 ? throw new InputException(file, "dimension", $"{settings.Dimension}", "a positive number or null") : settings;
        }
        catch (JsonException)
        {
            throw new InputException(file, "content", "malformed JSON", "pooling (mean, lastToken), dimension (a number or null) and attention (causal, bidirectional)");
        }
    }

    void LoadProjection(string file)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var reader = new SafetensorsReader(file);
        foreach ((string name, Tensor weight) in Projections())
        {
            Tensor read = reader.Read(name);
            if (!read.shape.SequenceEqual(weight.shape))
                throw new InputException(file, name, $"shape [{string.Join(", ", read.shape)}]", $"[{string.Join(", ", weight.shape)}]");
            weight.copy_(read);
        }
    }

    IEnumerable<(string Name, Tensor Weight)> Projections() =>
        [("hidden.weight", hidden!.weight), ("hidden.bias", hidden.bias!), ("output.weight", output!.weight), ("output.bias", output.bias!)];

    sealed record Settings(Pooling Pooling, int? Dimension, TextAttention Attention = TextAttention.Causal);
}
