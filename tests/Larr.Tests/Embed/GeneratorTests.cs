using System.Diagnostics;
using Larr.Embed;
using Larr.Model;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Larr.Tests.Embed;

/// <summary>The embedder under the wrappers of Microsoft.Extensions.AI and among a program's services.</summary>
[Collection("torch")]
public sealed class GeneratorTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static MemoryDistributedCache Cache() => new(Options.Create(new MemoryDistributedCacheOptions()));

    [Fact]
    public async Task A_distributed_cache_answers_the_second_time_without_the_model()
    {
        MemoryDistributedCache cache = Cache();
        PackedEmbedder embedder = SmallEncoder.Embedder();
        IEmbeddingGenerator<string, Embedding<float>> cached = embedder.AsBuilder().UseDistributedCache(cache).Build();
        float[][] first = [.. (await cached.GenerateAsync(["sunny", "light rain"], cancellationToken: Cancel)).Select(e => e.Vector.ToArray())];
        Assert.Equal(embedder.Run("sunny", "light rain").Vectors, first);

        embedder.Dispose();
        float[][] second = [.. (await cached.GenerateAsync(["light rain", "sunny"], cancellationToken: Cancel)).Select(e => e.Vector.ToArray())];
        Assert.Equal([first[1], first[0]], second);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => cached.GenerateAsync(["lunch"], cancellationToken: Cancel));
    }

    [Fact]
    public async Task Traces_name_the_model_and_count_the_tokens()
    {
        var seen = new List<Activity>();
        string source = $"larr.{Guid.NewGuid():N}";
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = seen.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using IEmbeddingGenerator<string, Embedding<float>> traced = SmallEncoder.Embedder().AsBuilder().UseOpenTelemetry(sourceName: source).Build();
        GeneratedEmbeddings<Embedding<float>> result = await traced.GenerateAsync(["sunny", "lunch"], cancellationToken: Cancel);

        Activity activity = Assert.Single(seen);
        Assert.Equal("embeddings model-hash", activity.DisplayName);
        Assert.Equal("larr", activity.GetTagItem("gen_ai.provider.name"));
        Assert.Equal(result.Usage!.InputTokenCount, Convert.ToInt64(activity.GetTagItem("gen_ai.usage.input_tokens")));
    }

    [Fact]
    public async Task Logging_sees_the_call_and_cancellation_passes_through_all_wrappers()
    {
        var log = new List<string>();
        using IEmbeddingGenerator<string, Embedding<float>> wrapped = SmallEncoder.Embedder().AsBuilder()
            .UseDistributedCache(Cache()).UseLogging(new LogList(log)).UseOpenTelemetry().Build();
        await wrapped.GenerateAsync(["sunny"], cancellationToken: Cancel);
        Assert.Contains(log, l => l.Contains("GenerateAsync", StringComparison.Ordinal));
        Assert.Equal("model-hash", wrapped.GetRequiredService<EmbeddingGeneratorMetadata>().DefaultModelId);
        Assert.NotNull(wrapped.GetService<PackedEmbedder>());

        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wrapped.GenerateAsync(["lunch"], cancellationToken: cancelled.Token));
    }

    [Fact]
    public async Task Services_give_one_embedder_loaded_when_it_is_asked_for()
    {
        using (TextEncoder encoder = SmallEncoder.Encoder(Pooling.LastToken, 16)) encoder.Save(_folder.Path, SmallEncoder.Tokenizer());
        using ServiceProvider services = new ServiceCollection()
            .AddLarrEmbedder(o => (o.Model, o.Embed) = (_folder.Path, new EmbedConfig { Width = 8 })).BuildServiceProvider();
        services.GetRequiredService<IStartupValidator>().Validate();

        var generator = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        Assert.Same(services.GetRequiredService<PackedEmbedder>(), generator);
        Assert.Equal(8, (await generator.GenerateVectorAsync("sunny", cancellationToken: Cancel)).Length);

        var collection = new ServiceCollection();
        collection.AddSingleton<IDistributedCache>(Cache()).AddLarrEmbedder(o => o.Model = _folder.Path);
        collection.AddEmbeddingGenerator(s => s.GetRequiredService<PackedEmbedder>()).UseDistributedCache();
        using ServiceProvider all = collection.BuildServiceProvider();
        var wrapped = all.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        Assert.Equal(16, (await wrapped.GenerateVectorAsync("sunny", cancellationToken: Cancel)).Length);
        Assert.IsType<DistributedCachingEmbeddingGenerator<string, Embedding<float>>>(wrapped);
    }

    [Fact]
    public void Wrong_options_are_refused_when_the_program_starts()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddLarrEmbedder(o => (o.Model, o.Embed) = (_folder.At("gone"), new EmbedConfig { BatchTokens = 0, Width = 0 })).BuildServiceProvider();
        string[] wrong = [.. Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate()).Failures];
        Assert.Equal(3, wrong.Length);
        Assert.Contains("gone'; expected the folder of a model", wrong[0]);
    }

    public void Dispose() => _folder.Dispose();

    sealed class LogList(List<string> lines) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines) lines.Add(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
