using System.CommandLine;
using System.Text.Json.Nodes;
using Larr.Index;
using Larr.Index.Servers;
using Larr.Runs;

namespace Larr.Cli.Commands;

/// <summary>Finds the values of an index nearest to a text, to another value, or to a vector.</summary>
static class SearchCommand
{
    public static Command Search()
    {
        var place = new IndexPlace();
        var text = new Argument<string?>("text") { Arity = ArgumentArity.ZeroOrOne, Description = "Text to search for, such as \"the weather is light rain\"." };
        var like = new Option<string?>("--like") { Description = "Searches for what is near a value of the index, as field=value." };
        var vector = new Option<string?>("--vector") { Description = "Searches for a vector: components separated by commas." };
        var encoder = new Option<string?>("--encoder") { Description = "Folder of the text embedder. Default: that of the experiment's contrast stage." };
        var count = new Option<int>("--count", "-k") { Description = "Number of values.", DefaultValueFactory = _ => 10 };
        var field = new Option<string?>("--field") { Description = "Only values of this scene field." };
        var popular = new Option<long?>("--min-popularity") { Description = "Only values that so many training rows hold." };
        var approximate = new Option<bool>("--approximate") { Description = "Searches the approximate index where there is one." };
        Command command = place.AddTo(new Command("search", "Finds the scene values whose vectors lie nearest to a text."));
        command.Arguments.Add(text);
        foreach (Option option in new Option[] { like, vector, encoder, count, field, popular, approximate }) command.Options.Add(option);
        return CommonOptions.Over(command, (session, parsed) =>
        {
            if (parsed.GetValue(count) < 1) throw new InputException("--count", "value", parsed.GetValue(count).ToString(), "a whole number of at least 1");
            if (new[] { parsed.GetValue(text), parsed.GetValue(like), parsed.GetValue(vector) }.Count(q => q is not null) != 1)
                throw new InputException("index search", "expected one of a text, --like and --vector");
            var filter = new SearchFilter { Field = parsed.GetValue(field), MinPopularity = parsed.GetValue(popular) ?? long.MinValue };
            var request = new SearchRequest(
                parsed.GetValue(text), parsed.GetValue(like), parsed.GetValue(vector), parsed.GetValue(encoder), parsed.GetValue(count), filter, parsed.GetValue(approximate));
            using IIndexServer? server = place.Server(session, parsed);
            Print(session, server is null ? Find(session, place.Open(session, parsed), request) : ServerSearch.Find(session, server, request).GetAwaiter().GetResult());
        });
    }

    static IReadOnlyList<Neighbour> Find(Session session, IndexFolder folder, SearchRequest request)
    {
        using Generation live = folder.OpenLive();
        if (request.Filter.Field is { } among && live.Header.Fields.All(f => f.Name != among))
            throw new InputException(folder.Path, "--field", among, "one of " + string.Join(", ", live.Header.Fields.Select(f => f.Name)));
        int self = -1;
        if (request.LikeValue is { } like && !live.TryGet(like.Field, like.Value, out self)) throw request.NotThere(folder.Path);
        float[] query = self < 0 ? request.Query(session, live.Folder, live.Header.Identity) : live.Vector(self).ToArray();
        int most = request.Count + (self < 0 ? 0 : 1);
        Hit[] hits = (request.Approximate ? live.SearchApproximate(query, most, request.Filter) : live.Search(query, most, request.Filter))[0];
        return [.. hits.Where(h => h.Row != self).Take(request.Count).Select(h => new Neighbour(live.Field(h.Row), live.Value(h.Row), live.Text(h.Row), h.Score))];
    }

    static void Print(Session session, IReadOnlyList<Neighbour> found)
    {
        session.Progress.End();
        if (session.Json)
            session.Print(new JsonArray([.. found.Select(n => new JsonObject { ["field"] = n.Field, ["value"] = n.Value, ["text"] = n.Text, ["cosine"] = n.Cosine })]));
        else
            foreach (Neighbour n in found) session.Output.WriteLine($"{n.Cosine:F3}  {n.Field,-16} {n.Value}");
    }
}
