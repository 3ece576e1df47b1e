using System.Net;

namespace Larr.Tests.Index.Servers;

/// <summary>A <see cref="FakeQdrant"/> behind a port of this machine, for what speaks to a server by its address.</summary>
sealed class FakeQdrantPort : IAsyncDisposable
{
    readonly HttpListener _listener = new();
    readonly HttpMessageInvoker _server;
    readonly Task _answering;

    public FakeQdrantPort(FakeQdrant server)
    {
        _server = new HttpMessageInvoker(server);
        Url = $"http://127.0.0.1:{PGlite.FreePort()}/";
        _listener.Prefixes.Add(Url);
        _listener.Start();
        _answering = AnswerAll();
    }

    public string Url { get; }

    async Task AnswerAll()
    {
        while (true)
        {
            HttpListenerContext context;
            try { context = await _listener.GetContextAsync(); }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException) { return; }
            using var request = new HttpRequestMessage(new HttpMethod(context.Request.HttpMethod), context.Request.Url);
            if (context.Request.HasEntityBody)
            {
                using var body = new StreamReader(context.Request.InputStream);
                request.Content = new StringContent(await body.ReadToEndAsync());
            }
            if (context.Request.Headers["api-key"] is { } key) request.Headers.Add("api-key", key);
            using HttpResponseMessage answer = await _server.SendAsync(request, CancellationToken.None);
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = "application/json";
            await answer.Content.CopyToAsync(context.Response.OutputStream);
            context.Response.Close();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _answering;
        _listener.Close();
        _server.Dispose();
    }
}
