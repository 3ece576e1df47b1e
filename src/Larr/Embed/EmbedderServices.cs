using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Larr.Embed;

/// <summary>Registers the embedder with a program's services.</summary>
public static class EmbedderServices
{
    /// <summary>
    /// Adds one <see cref="PackedEmbedder"/>, also as <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of texts unless there is one already. The model is
    /// loaded when it is first asked for and freed with the services; the options are checked when the program starts. To wrap it, use
    /// <c>services.AddEmbeddingGenerator(s => s.GetRequiredService&lt;PackedEmbedder&gt;()).UseDistributedCache()</c> of Microsoft.Extensions.AI.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Names the model.</param>
    public static IServiceCollection AddLarrEmbedder(this IServiceCollection services, Action<LarrEmbedderOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<LarrEmbedderOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LarrEmbedderOptions>, LarrEmbedderOptions.Validator>());
        services.TryAddSingleton(s =>
        {
            LarrEmbedderOptions options = s.GetRequiredService<IOptions<LarrEmbedderOptions>>().Value;
            return PackedEmbedder.Load(options.Model, options.Embed);
        });
        services.TryAddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(s => s.GetRequiredService<PackedEmbedder>());
        return services;
    }
}
