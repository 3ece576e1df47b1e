using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Larr.Index.Servers;
using Larr.Runs;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Timeout;

namespace Larr.Index.Qdrant;

/// <summary>
/// Sends JSON requests and tries again, with exponential pauses and jitter, after 408, 429, 5xx, a time-out, or a connection that was refused or
/// cut. Every request in use may be sent twice without harm. TLS by an https address.
/// </summary>
sealed class QdrantHttp : IDisposable
{
    readonly HttpClient _client;
    readonly string _url;

    /// <param name="config">Address, key, time-out and retries.</param>
    /// <param name="inner">What sends; null: the network.</param>
    public QdrantHttp(ServerConfig config, HttpMessageHandler? inner)
    {
        if (!Uri.TryCreate(config.Url.TrimEnd('/') + "/", UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
            throw new InputException("index.server", "url", $"\"{config.Url}\"", "an http or https address");
        _url = config.Url;
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>();
        if (config.Retries > 0)
            pipeline.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = config.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(config.RetryMilliseconds),
            });
        pipeline.AddTimeout(TimeSpan.FromSeconds(config.TimeoutSeconds));
        var resilience = new ResilienceHandler(pipeline.Build()) { InnerHandler = new BufferingHandler { InnerHandler = inner ?? new SocketsHttpHandler() } };
        _client = new HttpClient(resilience) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        if (ServerKey.Of(config) is { } key) _client.DefaultRequestHeaders.Add("api-key", key);
    }

    /// <summary>Sends a request and reads the answer's result; null where the server answers 404.</summary>
    public async Task<T?> Ask<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<Reply<T>> type, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        try
        {
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancel);
            if (response.StatusCode == HttpStatusCode.NotFound) return default;
            if (!response.IsSuccessStatusCode) throw Failed(method, path, $"answers {(int)response.StatusCode}: {Problem(answer)}");
            Reply<T>? reply = JsonSerializer.Deserialize(answer, type);
            return reply is { Result: { } result } ? result : throw Failed(method, path, "answers without a result");
        }
        catch (HttpRequestException problem) { throw Failed(method, path, problem.InnerException?.Message ?? problem.Message); }
        catch (TimeoutRejectedException) { throw Failed(method, path, "no answer in time"); }
        catch (JsonException problem) { throw Failed(method, path, $"answers what is not expected: {problem.Message}"); }
    }

    /// <summary>The same where 404 is a failure.</summary>
    public async Task<T> Send<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<Reply<T>> type, CancellationToken cancel) =>
        await Ask(method, path, body, type, cancel) ?? throw Failed(method, path, "answers 404: not found");

    /// <summary>A body that can be sent again.</summary>
    public static HttpContent Json<T>(T body, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    public void Dispose() => _client.Dispose();

    InputException Failed(HttpMethod method, string path, string problem) => new(_url, $"{method} {path} {problem}");

    /// <summary>The message of an error answer, on one line.</summary>
    static string Problem(byte[] answer)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(answer);
            return json.RootElement.GetProperty("status").GetProperty("error").GetString() ?? "";
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "(no message)";
        }
    }

    /// <summary>Reads the whole answer within the attempt, so that a connection cut in the middle of it is tried again too.</summary>
    sealed class BufferingHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            return response;
        }
    }
}
