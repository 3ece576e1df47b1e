using Larr.Runs;

namespace Larr.Index.Servers;

/// <summary>Secrets come from environment variables; experiment files name only the variable.</summary>
static class ServerKey
{
    public static string? Of(ServerConfig config)
    {
        if (config.KeyVariable is not { } variable) return null;
        return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } key
            ? key
            : throw new InputException("index.server", "keyVariable", $"{variable}, which is not set", "an environment variable that holds the key");
    }
}
