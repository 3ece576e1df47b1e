namespace Larr.Index.Servers;

/// <summary>What keeps an index.</summary>
public enum IndexBackend
{
    /// <summary>A folder of memory-mapped generations.</summary>
    Local,

    /// <summary>A Qdrant server, over REST.</summary>
    Qdrant,

    /// <summary>PostgreSQL with the pgvector extension.</summary>
    Postgres,
}

/// <summary>Where the server is that keeps an index, and how it is spoken to.</summary>
public sealed record ServerConfig
{
    /// <summary>Qdrant: the address, such as <c>https://qdrant.example:6333</c>. PostgreSQL: the connection string, without the password.</summary>
    public string Url { get; init; } = "http://localhost:6333";

    /// <summary>The name that readers use: Qdrant's alias, PostgreSQL's view. Generations are called <c>NAME-000007-token</c>. Default: larr.</summary>
    public string Name { get; init; } = "larr";

    /// <summary>The environment variable that holds the API key (Qdrant) or the password (PostgreSQL); null for neither.</summary>
    public string? KeyVariable { get; init; }

    /// <summary>Seconds that one attempt of one request may take. Default: 30.</summary>
    public double TimeoutSeconds { get; init; } = 30;

    /// <summary>Seconds that the server may take to finish its approximate index. Default: 3600.</summary>
    public double IndexSeconds { get; init; } = 3600;

    /// <summary>Attempts after the first; the pause before each doubles, with jitter. Default: 5. PostgreSQL's statements are not repeated.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>Pause before the second attempt in milliseconds. Default: 500.</summary>
    public double RetryMilliseconds { get; init; } = 500;

    /// <summary>Rows in one request. Default: 500.</summary>
    public int Batch { get; init; } = 500;

    /// <summary>Qdrant: searches over int8 copies of the vectors (scalar quantisation); the vectors themselves stay float32. Default: no.</summary>
    public bool Quantise { get; init; }
}
