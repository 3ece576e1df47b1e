using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Larr.Embed;
using Larr.Index;
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
            IndexFolder folder = place.Open(session, parsed);
            using Generation live = folder.OpenLive();
            if (parsed.GetValue(field) is { } among && live.Header.Fields.All(f => f.Name != among))
                throw new InputException(folder.Path, "--field", among, "one of " + string.Join(", ", live.Header.Fields.Select(f => f.Name)));

            (float[] query, int self) =
                parsed.GetValue(like) is { } value ? Stored(folder, live, value)
                : parsed.GetValue(vector) is { } components ? (Components(live, components), -1)
                : (Embed(session, live, parsed.GetValue(encoder), parsed.GetValue(text)!), -1);
            var filter = new SearchFilter { Field = parsed.GetValue(field), MinPopularity = parsed.GetValue(popular) ?? long.MinValue };
            int most = parsed.GetValue(count) + (self < 0 ? 0 : 1);
            Hit[] hits = (parsed.GetValue(approximate) ? live.SearchApproximate(query, most, filter) : live.Search(query, most, filter))[0];
            session.Progress.End();
            Print(session, live, hits.Where(h => h.Row != self).Take(parsed.GetValue(count)));
        });
    }

    static void Print(Session session, Generation live, IEnumerable<Hit> hits)
    {
        Neighbour[] found = [.. hits.Select(h => new Neighbour(live.Field(h.Row), live.Value(h.Row), live.Text(h.Row), h.Score))];
        if (session.Json)
            session.Print(new JsonArray([.. found.Select(n => new JsonObject { ["field"] = n.Field, ["value"] = n.Value, ["text"] = n.Text, ["cosine"] = n.Cosine })]));
        else
            foreach (Neighbour n in found) session.Output.WriteLine($"{n.Cosine:F3}  {n.Field,-16} {n.Value}");
    }

    static (float[] Query, int Self) Stored(IndexFolder folder, Generation live, string like)
    {
        int equals = like.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) throw new InputException("--like", "value", $"'{like}'", "field=value");
        return live.TryGet(like.AsSpan(0, equals), like.AsSpan(equals + 1), out int row)
            ? (live.Vector(row).ToArray(), row)
            : throw new InputException(folder.Path, "--like", like, "a value of the index");
    }

    static float[] Components(Generation live, string text)
    {
        string[] words = text.Split(',', StringSplitOptions.TrimEntries);
        float[] vector = new float[words.Length];
        for (int i = 0; i < words.Length; i++)
            if (!float.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out vector[i]) || !float.IsFinite(vector[i]))
                throw new InputException("--vector", $"component {i}", $"'{words[i]}'", "a number");
        if (vector.Length != live.Dimension) throw new InputException("--vector", "length", $"{vector.Length} components", $"{live.Dimension}, the dimension of {live.Header.Identity}");
        return Array.TrueForAll(vector, x => x == 0) ? throw new InputException("--vector", "length", "zero", "a vector with a direction") : vector;
    }

    static float[] Embed(Session session, Generation live, string? encoder, string text)
    {
        using PackedEmbedder embedder = PackedEmbedder.Load(encoder ?? Path.Combine(session.Build(IndexPlace.Stages(session).Contrast), "encoder"), session.Experiment.Embed);
        // The text is free, so any template will do; everything else must be the index's own.
        VectorIdentity identity = embedder.Identity(live.Header.Identity.Template);
        if (identity != live.Header.Identity) throw new InputException(live.Folder, "identity", live.Header.Identity.ToString(), $"{identity}, that of the embedder; --encoder names another one");
        return embedder.Embed([text]).Vectors[0];
    }
}
