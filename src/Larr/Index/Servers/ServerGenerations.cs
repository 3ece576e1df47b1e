using Larr.Runs;

namespace Larr.Index.Servers;

/// <summary>Old generations of a server: deleting them and going back to them.</summary>
public static class ServerGenerations
{
    /// <summary>
    /// The generations that <see cref="Collect"/> deletes: old ones beyond <paramref name="keep"/>, the live one among those that stay. Generations not below
    /// the live one were never finished, or were rolled back from; they are among them where <paramref name="unfinished"/> is set.
    /// </summary>
    public static async Task<IReadOnlyList<GenerationName>> Old(IIndexServer server, int keep, bool unfinished, CancellationToken cancel = default)
    {
        GenerationName? live = await server.Live(cancel);
        GenerationName[] others = [.. (await server.List(cancel)).Where(g => g != live)];
        GenerationName[] above = [.. others.Where(g => live is null || g.Number >= live.Number)];
        GenerationName[] old = [.. others.Except(above).OrderByDescending(g => g.Number).Skip(keep - 1)];
        return unfinished ? [.. above, .. old] : old;
    }

    /// <summary>Deletes them.</summary>
    /// <returns>The deleted generations.</returns>
    public static async Task<IReadOnlyList<GenerationName>> Collect(IIndexServer server, int keep, bool unfinished, CancellationToken cancel = default)
    {
        IReadOnlyList<GenerationName> leaving = await Old(server, keep, unfinished, cancel);
        foreach (GenerationName generation in leaving) await server.Delete(generation, cancel);
        return leaving;
    }

    /// <summary>The newest generation before the live one, which <see cref="Rollback"/> goes to.</summary>
    public static async Task<GenerationName> Before(IIndexServer server, CancellationToken cancel = default)
    {
        GenerationName live = await Existing(server, cancel);
        return (await server.List(cancel)).Where(g => g.Number < live.Number).MaxBy(g => g.Number)
            ?? throw new InputException(server.Place, $"there is no generation before {live.Number}, which is live");
    }

    /// <summary>Makes the newest generation before the live one live again.</summary>
    public static async Task<GenerationName> Rollback(IIndexServer server, CancellationToken cancel = default)
    {
        GenerationName before = await Before(server, cancel);
        await server.Publish(before, cancel);
        return before;
    }

    /// <summary>The live generation.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static async Task<GenerationName> Existing(IIndexServer server, CancellationToken cancel = default) =>
        await server.Live(cancel) ?? throw new InputException(server.Place, "there is no index here; larr index refresh makes one");
}
