using Larr.Corpus;
using Larr.Data;

namespace Larr.Contrast;

/// <summary>
/// What the pair builders mine: training clicks, the texts of items and users, and which of these are held out.
/// A training pair has no held-out side; a held-out pair has only such sides (scene values aside, which are few and known).
/// </summary>
public sealed class PairSource
{
    readonly string?[] _itemTexts, _userTexts;

    /// <summary>Reads the texts of <paramref name="corpusFolder"/> and the clicks of <paramref name="table"/>.</summary>
    public PairSource(ImpressionTable table, string corpusFolder, ContrastConfig config, int seed)
    {
        (Table, Config, Seed) = (table, config, seed);
        Clicks = TrainingClicks.Of(table);
        Scenes = new SceneText(table);
        FieldConfig item = table.Find(FieldRole.Item)!;
        _itemTexts = InCodeOrder(item, CorpusStage.ReadTexts(corpusFolder, "items.json"));
        ItemIsHeldOut = HeldOut.Of(table.Values(item.Name), config.HeldOutShare);
        if (table.Find(FieldRole.User) is { } user)
        {
            _userTexts = InCodeOrder(user, CorpusStage.ReadTexts(corpusFolder, "profiles.json"));
            UserIsHeldOut = HeldOut.Of(table.Values(user.Name), config.HeldOutShare);
        }
        else (_userTexts, UserIsHeldOut) = ([], []);
        var items = new ItemText(table);
        Profiles = new UserProfile(table, Clicks, new Persona(table, items), config.PersonaPhrases);
        if (config.ShownNegatives > 0) Exposure = new Exposure(this);

        string?[] InCodeOrder(FieldConfig owner, Dictionary<string, string> texts) => [.. table.Values(owner.Name).Select(texts.GetValueOrDefault)];
    }

    /// <summary>The table.</summary>
    public ImpressionTable Table { get; }

    /// <summary>The configuration.</summary>
    public ContrastConfig Config { get; }

    /// <summary>Seed of the samples that large data is cut down by.</summary>
    public int Seed { get; }

    /// <summary>Clicks of the training part.</summary>
    public TrainingClicks Clicks { get; }

    /// <summary>Scene texts.</summary>
    public SceneText Scenes { get; }

    /// <summary>Profiles that can leave an item out.</summary>
    public UserProfile Profiles { get; }

    /// <summary>What could have been chosen in the training part; null where every text may be a negative.</summary>
    public Exposure? Exposure { get; }

    /// <summary>All texts of pairs.</summary>
    public TextPool Pool { get; } = new();

    /// <summary>Per item code.</summary>
    public bool[] ItemIsHeldOut { get; }

    /// <summary>Per user code.</summary>
    public bool[] UserIsHeldOut { get; }

    /// <summary>The text of an item; null where there is none.</summary>
    public string? ItemTextOf(int item) => _itemTexts[item];

    /// <summary>The profile of a user; null where nothing is known.</summary>
    public string? UserTextOf(int user) => _userTexts[user];

    /// <summary>Identity of an item in a numbering that it shares with the users, who keep their codes.</summary>
    public int ItemId(int item) => _userTexts.Length + item;
}
