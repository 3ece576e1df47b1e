using System.Text.Json.Serialization;

namespace Larr.Data;

/// <summary>What a column of the view means to the pipeline.</summary>
public enum FieldRole
{
    /// <summary>0 or 1: was the impression clicked. Exactly one field; with sampled negatives it is not a column of the view.</summary>
    Label,

    /// <summary>0 or 1: did a conversion follow the click. At most one field.</summary>
    Conversion,

    /// <summary>Identity of the user. At most one field.</summary>
    User,

    /// <summary>Identity of the item shown. Exactly one field.</summary>
    Item,

    /// <summary>Time of the impression: an integer or a timestamp. At most one field.</summary>
    Time,

    /// <summary>Group that a split must not cut and that GAUC is averaged over. At most one field.</summary>
    Group,

    /// <summary>A scene feature: text-bearing through its template, and a categorical feature of the CTR model.</summary>
    Scene,

    /// <summary>The domain that an adaptive kernel is trained for, such as period × region. At most one field.</summary>
    Domain,

    /// <summary>A list of item identities in time order, oldest first: the user's history before the impression.</summary>
    Behaviour,

    /// <summary>A descriptive text of an item or a user (see <see cref="FieldConfig.Of"/>).</summary>
    Text,

    /// <summary>A categorical feature of the CTR model that is not part of the scene.</summary>
    Feature,

    /// <summary>
    /// A numeric feature of the CTR model. Null is missing; NaN and infinity are refused. See <see cref="FieldConfig.Buckets"/>.
    /// </summary>
    Number,

    /// <summary>A feature of several values: a list of texts, each with an embedding, of which the mean is taken.</summary>
    Tags,

    /// <summary>A feature whose vector comes from a file made elsewhere: the column holds the keys, <see cref="FieldConfig.Vectors"/> says where the vectors are.</summary>
    Embedding,

    /// <summary>The true click probability of simulated data. Never a feature; gives the best-possible AUC. At most one field.</summary>
    Truth,
}

/// <summary>Whom a text field describes.</summary>
public enum TextOwner
{
    /// <summary>The item.</summary>
    Item,

    /// <summary>The user.</summary>
    User,
}

/// <summary>One column of the view, its role and, where it bears text, how its value is said in words.</summary>
public sealed record FieldConfig
{
    /// <summary>Name of the column in the view.</summary>
    public required string Name { get; init; }

    /// <summary>What the column means.</summary>
    public required FieldRole Role { get; init; }

    /// <summary>For <see cref="FieldRole.Text"/>: whom the text describes. Default: the item.</summary>
    public TextOwner Of { get; init; } = TextOwner.Item;

    /// <summary>Sentence with <c>{value}</c> in it, for example "the weather is {value}". Default: the value alone.</summary>
    public string Template { get; init; } = "{value}";

    /// <summary>Name of the special token that opens the segment, without brackets. Default: <see cref="Name"/>.</summary>
    public string? Token { get; init; }

    /// <summary>For item texts: predicted in pre-training (category, menu) rather than given (name, place). Default: given.</summary>
    public bool Target { get; init; }

    /// <summary>
    /// For numbers: how many buckets of nearly equal size, by the training part's quantiles, each with an embedding of its own; 0: one embedding times
    /// the value, standardised by the training part.
    /// </summary>
    public int Buckets { get; init; } = 20;

    /// <summary>For categorical features: this many embeddings, shared by hash of the value, in place of a vocabulary. Default: a vocabulary.</summary>
    public int? Hash { get; init; }

    /// <summary>Occurrences in the training part that a value needs for an embedding of its own. Default: that of the model.</summary>
    public int? MinCount { get; init; }

    /// <summary>
    /// For users, items, scene fields, domains, features, numbers and tags: values that a row of the click model's table stores, at most its embedding dimension.
    /// Default: that dimension.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Dimension { get; init; }

    /// <summary>For <see cref="FieldRole.Embedding"/>: where the vectors are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VectorSourceConfig? Vectors { get; init; }

    /// <summary>For features, numbers, tags and embeddings: a property of the item. A sampled negative (<see cref="NegativeConfig"/>) has that of the item it shows.</summary>
    public bool OfItem { get; init; }

    /// <summary>
    /// For features, numbers, tags and embeddings: a part of the scene that no sentence tells, as the number of a city. A negative whose scene is another's has
    /// it from there: one that kept it would be told by a scene that does not fit together.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OfScene { get; init; }

    /// <summary>The special token that opens the segment, for example <c>&lt;|weather|&gt;</c>.</summary>
    public string SpecialToken => $"<|{Token ?? Name}|>";

    /// <summary>The value in words.</summary>
    public string Say(string value) => Template.Replace("{value}", value, StringComparison.Ordinal);
}
