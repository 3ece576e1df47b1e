using Larr.Runs;

namespace Larr.Index.Servers;

/// <summary>Old generations of a server: deleting them and going back to them.</summary>
public static class ServerGenerations
{
    /// <summary>
    /// Deletes old generations beyond <paramref name="keep"/>, the live one among those that stay. Generations not below the live one were never
    /// finished, or were rolled back from; they are deleted where <paramref name="unfinished"/> is set.
    /// </summary>
    /// <returns>The deleted generations.</returns>
    public static async Task<IReadOnlyList<GenerationName>> Collect(IIndexServer server, int keep, bool unfinished, CancellationToken cancel = default)
    {
        GenerationName? live = await server.Live(cancel);
        GenerationName[] all = [.. await server.List(cancel)];
        GenerationName[] others = [.. all.Where(g => g != live)];
        GenerationName[] above = [.. others.Where(g => live is null || g.Number >= live.Number)];
        GenerationName[] old = [.. others.Except(above).OrderByDescending(g => g.Number).Skip(keep - 1)];
        GenerationName[] leaving = unfinished ? [.. above, .. old] : old;
        foreach (GenerationName generation in leaving) await server.Delete(generation, cancel);
        return leaving;
    }

    /// <summary>Makes the newest generation before the live one live again.</summary>
    public static async Task<GenerationName> Rollback(IIndexServer server, CancellationToken cancel = default)
    {
        GenerationName live = await Existing(server, cancel);
        GenerationName before = (await server.List(cancel)).Where(g => g.Number < live.Number).MaxBy(g => g.Number)
            ?? throw new InputException(server.Place, $"there is no generation before {live.Number}, which is live");
        await server.Publish(before, cancel);
        return before;
    }

    /// <summary>The live generation.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static async Task<GenerationName> Existing(IIndexServer server, CancellationToken cancel = default) =>
        await server.Live(cancel) ?? throw new InputException(server.Place, "there is no index here; larr index refresh makes one");
}
