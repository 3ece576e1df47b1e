using Microsoft.Extensions.Options;

namespace Larr.Embed;

/// <summary>What <see cref="EmbedderServices.AddLarrEmbedder"/> loads.</summary>
public sealed class LarrEmbedderOptions
{
    /// <summary>Folder of the encoder, or of a Hugging Face model. Required.</summary>
    public string Model { get; set; } = "";

    /// <summary>Batches, precision and form of the vectors.</summary>
    public EmbedConfig Embed { get; set; } = new();

    /// <summary>Complaints before anything is loaded.</summary>
    internal sealed class Validator : IValidateOptions<LarrEmbedderOptions>
    {
        public ValidateOptionsResult Validate(string? name, LarrEmbedderOptions options)
        {
            List<string> wrong = [];
            if (!File.Exists(Path.Combine(options.Model, "config.json"))) wrong.Add($"{nameof(Model)}: found '{options.Model}'; expected the folder of a model, with config.json");
            if (options.Embed.BatchTokens < 1) wrong.Add($"{nameof(Embed)}.{nameof(EmbedConfig.BatchTokens)}: found {options.Embed.BatchTokens}; expected at least 1");
            if (options.Embed.MaxTokens < 2) wrong.Add($"{nameof(Embed)}.{nameof(EmbedConfig.MaxTokens)}: found {options.Embed.MaxTokens}; expected at least 2");
            if (options.Embed.Width < 1) wrong.Add($"{nameof(Embed)}.{nameof(EmbedConfig.Width)}: found {options.Embed.Width}; expected at least 1");
            return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
        }
    }
}
