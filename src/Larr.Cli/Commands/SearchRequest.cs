using System.Globalization;
using Larr.Embed;
using Larr.Index;
using Larr.Runs;

namespace Larr.Cli.Commands;

/// <summary>What a search was asked for, in a folder or on a server. Exactly one of text, like and vector is given.</summary>
sealed record SearchRequest(string? Text, string? Like, string? Vector, string? Encoder, int Count, SearchFilter Filter, bool Approximate)
{
    /// <summary>Field and value of <c>--like</c>.</summary>
    public (string Field, string Value)? LikeValue =>
        Like is null ? null : Like.IndexOf('=', StringComparison.Ordinal) is > 0 and int equals ? (Like[..equals], Like[(equals + 1)..]) : throw new InputException("--like", "value", $"'{Like}'", "field=value");

    /// <summary>The complaint about a value that the index does not hold.</summary>
    public InputException NotThere(string place) => new(place, "--like", Like!, "a value of the index");

    /// <summary>The vector of a text or of given components, for an index of vectors of an identity.</summary>
    public float[] Query(Session session, string place, VectorIdentity identity) => Vector is { } components ? Components(identity, components) : Embed(session, place, identity, Text!);

    static float[] Components(VectorIdentity identity, string text)
    {
        string[] words = text.Split(',', StringSplitOptions.TrimEntries);
        float[] vector = new float[words.Length];
        for (int i = 0; i < words.Length; i++)
            if (!float.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out vector[i]) || !float.IsFinite(vector[i]))
                throw new InputException("--vector", $"component {i}", $"'{words[i]}'", "a number");
        if (vector.Length != identity.Dimension) throw new InputException("--vector", "length", $"{vector.Length} components", $"{identity.Dimension}, the dimension of {identity}");
        return Array.TrueForAll(vector, x => x == 0) ? throw new InputException("--vector", "length", "zero", "a vector with a direction") : vector;
    }

    float[] Embed(Session session, string place, VectorIdentity wanted, string text)
    {
        using PackedEmbedder embedder = PackedEmbedder.Load(Encoder ?? Path.Combine(session.Build(IndexPlace.Stages(session).Contrast), "encoder"), session.Experiment.Embed);
        // The text is free, so any template will do; everything else must be the index's own.
        VectorIdentity identity = embedder.Identity(wanted.Template);
        if (identity != wanted) throw new InputException(place, "identity", wanted.ToString(), $"{identity}, that of the embedder; --encoder names another one");
        return embedder.Embed([text]).Vectors[0];
    }
}
