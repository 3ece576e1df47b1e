using Larr.Data;

namespace Larr.Corpus;

/// <summary>
/// Users in words: a persona of what they clicked in the training part, for example
/// <c>&lt;|likes|&gt; mostly noodle soup, sometimes bubble tea</c>, then their text fields as segments. Behaviour first, as a long profile may be cut.
/// </summary>
/// <remarks>A persona knows the labels of training rows. Whoever feeds profiles to a click model must leave each row's own click out.</remarks>
public sealed class UserProfile
{
    /// <summary>Opens the persona.</summary>
    public const string LikesToken = "<|likes|>";

    readonly ImpressionTable _table;
    readonly Persona _persona;
    readonly int _top;
    readonly FieldConfig[] _fields;
    readonly List<int>[] _itemsOfUser;

    /// <summary>Profiles from the clicks for which <paramref name="counts"/> holds (by item code); all users where null.</summary>
    public UserProfile(ImpressionTable table, TrainingClicks clicks, Persona persona, int top, Func<int, bool>? counts = null)
    {
        (_table, _persona, _top) = (table, persona, top);
        _fields = [.. table.FindAll(FieldRole.Text).Where(f => f.Of == TextOwner.User)];
        _itemsOfUser = new List<int>[table.Find(FieldRole.User) is { } user ? table.Values(user.Name).Count : 0];
        for (int u = 0; u < _itemsOfUser.Length; u++) _itemsOfUser[u] = [];
        for (int c = 0; c < clicks.Users?.Length; c++)
            if (counts is null || counts(clicks.Items[c])) _itemsOfUser[clicks.Users[c]].Add(clicks.Items[c]);
    }

    /// <summary>Number of users; 0 where the table has no user field.</summary>
    public int Count => _itemsOfUser.Length;

    /// <summary>The profile of a user; empty where nothing is known.</summary>
    /// <param name="user">User code.</param>
    /// <param name="without">An item code whose clicks the persona leaves out, so that a pair of profile and item does not answer itself.</param>
    public string Of(int user, int? without = null)
    {
        IEnumerable<string> segments = _fields.Select(f => (Field: f, Text: _table.Text(f.Name, user)))
            .Where(s => !string.IsNullOrWhiteSpace(s.Text))
            .Select(s => $"{s.Field.SpecialToken} {s.Field.Say(s.Text!)}");
        int[] clicked = [.. _itemsOfUser[user].Where(i => i != without)];
        string likes = _persona.Frequent(_persona.Count(clicked), clicked.Length, _top);
        return string.Join(' ', likes.Length > 0 ? segments.Prepend($"{LikesToken} {likes}") : segments);
    }
}
