using Larr.Embed;

namespace Larr.Index.Servers;

/// <summary>A row of a server's generation, as far as a refresh compares it.</summary>
/// <param name="Id">See <see cref="RowId"/>.</param>
/// <param name="Hash">Content hash of (field, text).</param>
/// <param name="Popularity">Number of training rows that hold the value.</param>
public readonly record struct ServerRow(Guid Id, UInt128 Hash, long Popularity);

/// <summary>A row to store.</summary>
/// <param name="Id">See <see cref="RowId"/>.</param>
/// <param name="Text">Field, value, text and popularity.</param>
/// <param name="Hash">Content hash of (field, text).</param>
/// <param name="Vector">[dimension], of unit length.</param>
public sealed record ServerPoint(Guid Id, ValueText Text, UInt128 Hash, float[] Vector);

/// <summary>A row found by a search.</summary>
/// <param name="Id">See <see cref="RowId"/>.</param>
/// <param name="Text">Field, value, text and popularity.</param>
/// <param name="Hash">Content hash of (field, text).</param>
/// <param name="Score">Cosine to the query.</param>
public sealed record ServerHit(Guid Id, ValueText Text, UInt128 Hash, float Score);

/// <summary>
/// A server that keeps generations (Qdrant's collections, PostgreSQL's tables) and one name that readers use (an alias, a view), which can be
/// made to mean another generation in one atomic step. Every failure is an <see cref="Runs.InputException"/> that names the server.
/// </summary>
public interface IIndexServer : IDisposable
{
    /// <summary>Server and name, for messages.</summary>
    string Place { get; }

    /// <summary>The generation that readers see, or null.</summary>
    Task<GenerationName?> Live(CancellationToken cancel);

    /// <summary>All generations, finished or not.</summary>
    Task<IReadOnlyList<GenerationName>> List(CancellationToken cancel);

    /// <summary>What a generation's vectors are made with.</summary>
    Task<VectorIdentity> Identity(GenerationName generation, CancellationToken cancel);

    /// <summary>All rows of a generation, without vectors.</summary>
    IAsyncEnumerable<ServerRow> Rows(GenerationName generation, CancellationToken cancel);

    /// <summary>The vectors of rows; rows that are not there are left out.</summary>
    Task<IReadOnlyDictionary<Guid, float[]>> Vectors(GenerationName generation, IReadOnlyList<Guid> ids, CancellationToken cancel);

    /// <summary>
    /// Keeps other writers out until it is disposed of, where the server can: PostgreSQL. Qdrant has nothing that ends with its holder, so two writers there
    /// are only kept from mixing (<see cref="ServerRefresh"/>).
    /// </summary>
    /// <exception cref="Runs.InputException">Another writer is at work; the message names it.</exception>
    Task<IAsyncDisposable> Lock(CancellationToken cancel);

    /// <summary>Makes an empty generation that no reader sees.</summary>
    Task Create(GenerationName generation, VectorIdentity identity, CancellationToken cancel);

    /// <summary>Stores rows; a row that is there already is replaced.</summary>
    Task Add(GenerationName generation, IReadOnlyList<ServerPoint> points, CancellationToken cancel);

    /// <summary>Builds the approximate index and waits until it is ready.</summary>
    Task Finish(GenerationName generation, CancellationToken cancel);

    /// <summary>The exact number of rows.</summary>
    Task<long> Count(GenerationName generation, CancellationToken cancel);

    /// <summary>The k nearest of the rows that pass the filter, best first.</summary>
    Task<IReadOnlyList<ServerHit>> Nearest(GenerationName generation, float[] query, int k, bool exact, SearchFilter filter, CancellationToken cancel);

    /// <summary>Makes the readers' name mean this generation, in one atomic step.</summary>
    Task Publish(GenerationName generation, CancellationToken cancel);

    /// <summary>Deletes a generation, if it is there.</summary>
    Task Delete(GenerationName generation, CancellationToken cancel);
}
