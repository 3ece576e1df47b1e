using Larr.Index;
using Larr.Index.Servers;

namespace Larr.Cli.Commands;

/// <summary>A search in the live generation of an index on a server.</summary>
static class ServerSearch
{
    public static async Task<IReadOnlyList<Neighbour>> Find(Session session, IIndexServer server, SearchRequest request)
    {
        GenerationName live = await ServerGenerations.Existing(server, session.Cancel);
        Guid? self = null;
        float[] query;
        if (request.LikeValue is { } like)
        {
            Guid id = RowId.Of(like.Field, like.Value);
            if (!(await server.Vectors(live, [id], session.Cancel)).TryGetValue(id, out float[]? stored)) throw request.NotThere(server.Place);
            (self, query) = (id, stored);
        }
        else query = request.Query(session, server.Place, await server.Identity(live, session.Cancel));

        int most = request.Count + (self is null ? 0 : 1);
        IReadOnlyList<ServerHit> hits = await server.Nearest(live, query, most, !request.Approximate, request.Filter, session.Cancel);
        if (hits.Count == 0 && request.Filter.Field is { } field && (await server.Nearest(live, query, 1, exact: true, new SearchFilter { Field = field }, session.Cancel)).Count == 0)
            throw new Runs.InputException(server.Place, "--field", field, "a field of the index");
        return [.. hits.Where(h => h.Id != self).Take(request.Count).Select(h => new Neighbour(h.Text.Field, h.Text.Value, h.Text.Text, h.Score))];
    }
}
