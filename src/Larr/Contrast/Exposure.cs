using Larr.Data;

namespace Larr.Contrast;

/// <summary>
/// What the training part shows to whom and when. A click is a choice among what was shown: a nearby shop is clicked by its neighbours because nobody else
/// sees it. With every text of the batch as a negative, contrast learns first who sees what, which ranks nothing that is shown together. With only those
/// negatives that could have been chosen, its optimum is log p(click | shown): exposure cancels. Our own choice; LARR (arXiv 2408.11523) says nothing of it.
/// </summary>
/// <remarks>Users and items bear the identities of <see cref="Pair"/>, scene values those of their field (group). Held-out items are left out.</remarks>
public sealed class Exposure
{
    const int Users = -1; // the group of pairs without a scene field

    readonly Dictionary<(int Group, int Left), HashSet<int>> _shown = [];
    readonly Dictionary<(int Group, int Left), int[]> _passedOver;
    readonly Dictionary<int, HashSet<int>> _usersOfItem = [];

    /// <summary>Reads the training rows of a source's table.</summary>
    public Exposure(PairSource source)
    {
        ImpressionTable table = source.Table;
        ReadOnlySpan<Part> parts = table.Parts;
        ReadOnlySpan<byte> labels = table.Labels;
        ReadOnlySpan<int> items = table.Codes(table.Find(FieldRole.Item)!.Name), users = table.Find(FieldRole.User) is { } user ? table.Codes(user.Name) : [];
        var clicked = new HashSet<(int Group, int Left, int Item)>();
        for (int group = Users; group < source.Scenes.Fields.Count; group++)
        {
            ReadOnlySpan<int> lefts = group == Users ? users : table.Codes(source.Scenes.Fields[group].Name);
            for (int r = 0; r < lefts.Length; r++)
            {
                if (parts[r] != Part.Train || source.ItemIsHeldOut[items[r]]) continue;
                int item = source.ItemId(items[r]), left = group == Users ? lefts[r] : SceneItemPairs.ValueId(lefts[r]);
                if (labels[r] == 1) clicked.Add((group, left, item));
                Add(_shown, (group, left), item);
                if (group == Users) Add(_usersOfItem, item, left);
            }
        }
        _passedOver = _shown.ToDictionary(s => s.Key, s => s.Value.Where(item => !clicked.Contains((s.Key.Group, s.Key.Left, item))).Order().ToArray());

        static void Add<T>(Dictionary<T, HashSet<int>> sets, T key, int id) where T : notnull
        {
            if (!sets.TryGetValue(key, out HashSet<int>? set)) sets[key] = set = [];
            set.Add(id);
        }
    }

    /// <summary>
    /// Could the left side have met the right side of another pair? A user or a scene value: was the item shown to it. Two users: was any item shown to both;
    /// two items: to any user.
    /// </summary>
    public bool Met(PairKind kind, Pair left, int rightId) => kind switch
    {
        PairKind.UserUser => Overlap(_shown, (Users, left.LeftId), (Users, rightId)),
        PairKind.ItemItem => Overlap(_usersOfItem, left.LeftId, rightId),
        _ => _shown.TryGetValue((left.Group, left.LeftId), out HashSet<int>? items) && items.Contains(rightId),
    };

    /// <summary>Items that were shown to the left side of a pair and that it never clicked, by identity; empty where left is an item.</summary>
    public IReadOnlyList<int> PassedOver(Pair pair) => _passedOver.GetValueOrDefault((pair.Group, pair.LeftId)) ?? [];

    static bool Overlap<T>(Dictionary<T, HashSet<int>> sets, T a, T b) where T : notnull =>
        sets.TryGetValue(a, out HashSet<int>? one) && sets.TryGetValue(b, out HashSet<int>? other) && (one.Count < other.Count ? other.Overlaps(one) : one.Overlaps(other));
}
