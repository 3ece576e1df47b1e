using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Larr.Runs;

/// <summary>
/// What decides a stage's result: its code version, its part of the configuration, its seed, and the keys or content
/// hashes of its inputs. The artefact's name is the SHA-256 of all that.
/// </summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Version">Version of the stage's code; raised when its results change.</param>
/// <param name="Config">The stage's configuration, with every default filled in.</param>
/// <param name="Seed">Seed of the stage.</param>
/// <param name="Inputs">Name of each input with its key or hash.</param>
public sealed record StageKey(string Stage, int Version, JsonNode? Config, int Seed, IReadOnlyDictionary<string, string> Inputs)
{
    /// <summary>A key over the configuration record <paramref name="config"/>.</summary>
    public static StageKey Of<T>(string stage, int version, T config, int seed, IReadOnlyDictionary<string, string> inputs) =>
        new(stage, version, JsonSerializer.SerializeToNode(config, ConfigReader.Json), seed, inputs);

    /// <summary>SHA-256 of the key, 64 hexadecimal digits.</summary>
    public string Hash
    {
        get
        {
            var inputs = new JsonObject();
            foreach ((string name, string hash) in Inputs.OrderBy(i => i.Key, StringComparer.Ordinal)) inputs[name] = hash;
            var whole = new JsonObject
            {
                ["stage"] = Stage,
                ["version"] = Version,
                ["config"] = Config?.DeepClone(),
                ["seed"] = Seed,
                ["inputs"] = inputs,
            };
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole.ToJsonString())));
        }
    }

    /// <summary>Name of the artefact's folder.</summary>
    public string FolderName => $"{Stage}-{Hash[..16]}";
}
