using Larr.Model;

namespace Larr.Cli.Commands;

/// <summary>What is asked of an engine: at most <paramref name="Tokens"/> tokens after the prompt, or after the begin token where there is none.</summary>
sealed record GenerateRequest(string Model, string Prompt, int Tokens, Sampler Sampler, int Threads, CancellationToken Cancel);
