using Larr.Index.Postgres;
using Larr.Index.Qdrant;
using Larr.Runs;

namespace Larr.Index.Servers;

/// <summary>The server that a configuration names.</summary>
public static class IndexServers
{
    /// <summary>Opens it; nothing is sent yet.</summary>
    /// <exception cref="InputException">A setting is wrong.</exception>
    public static IIndexServer Open(IndexConfig config)
    {
        ServerConfig server = config.Server;
        if (server.Batch is < 1 or > 10_000) throw new InputException("index.server", "batch", $"{server.Batch}", "1 to 10000");
        if (!(server.TimeoutSeconds > 0.01)) throw new InputException("index.server", "timeoutSeconds", $"{server.TimeoutSeconds}", "more than 0.01");
        return config.Backend switch
        {
            IndexBackend.Qdrant => new QdrantServer(server),
            IndexBackend.Postgres => new PostgresServer(server),
            _ => throw new InputException("index", "backend", $"{config.Backend}", "qdrant or postgres"),
        };
    }
}
