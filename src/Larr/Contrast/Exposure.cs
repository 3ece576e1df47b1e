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
    readonly Dictionary<int, HashSet<int>> _itemsOfUser = [], _usersOfItem = [];
    readonly Dictionary<(int Group, int Value), HashSet<int>> _itemsOfValue = [];
    readonly Dictionary<(int Group, int Left), int[]> _passedOver = [];

    /// <summary>Reads the training rows of a source's table.</summary>
    public Exposure(PairSource source)
    {
        ImpressionTable table = source.Table;
        ReadOnlySpan<Part> parts = table.Parts;
        ReadOnlySpan<byte> labels = table.Labels;
        ReadOnlySpan<int> items = table.Codes(table.Find(FieldRole.Item)!.Name), users = table.Find(FieldRole.User) is { } user ? table.Codes(user.Name) : [];
        var clicked = new HashSet<(int Group, int Left, int Item)>();
        for (int group = -1; group < source.Scenes.Fields.Count; group++)
        {
            ReadOnlySpan<int> lefts = group < 0 ? users : table.Codes(source.Scenes.Fields[group].Name);
            for (int r = 0; r < lefts.Length; r++)
            {
                if (parts[r] != Part.Train || source.ItemIsHeldOut[items[r]]) continue;
                int item = source.ItemId(items[r]), left = group < 0 ? lefts[r] : SceneItemPairs.ValueId(lefts[r]);
                if (labels[r] == 1) clicked.Add((group, left, item));
                if (group >= 0)
                {
                    Add(_itemsOfValue, (group, left), item);
                    continue;
                }
                Add(_itemsOfUser, left, item);
                Add(_usersOfItem, item, left);
            }
        }
        foreach ((int left, HashSet<int> shown) in _itemsOfUser) PassOver(-1, left, shown);
        foreach (((int group, int value), HashSet<int> shown) in _itemsOfValue) PassOver(group, value, shown);

        static void Add<T>(Dictionary<T, HashSet<int>> sets, T key, int id) where T : notnull
        {
            if (!sets.TryGetValue(key, out HashSet<int>? set)) sets[key] = set = [];
            set.Add(id);
        }

        void PassOver(int group, int left, HashSet<int> shown) => _passedOver[(group, left)] = [.. shown.Where(item => !clicked.Contains((group, left, item))).Order()];
    }

    /// <summary>
    /// Could the left side have met the right side of another pair? A user or a scene value: was the item shown to it. Two users: was any item shown to both;
    /// two items: to any user.
    /// </summary>
    public bool Met(PairKind kind, Pair left, int rightId) => kind switch
    {
        PairKind.UserItem => _itemsOfUser.TryGetValue(left.LeftId, out HashSet<int>? shown) && shown.Contains(rightId),
        PairKind.SceneItem => _itemsOfValue.TryGetValue((left.Group, left.LeftId), out HashSet<int>? shown) && shown.Contains(rightId),
        PairKind.UserUser => Overlap(_itemsOfUser, left.LeftId, rightId),
        _ => Overlap(_usersOfItem, left.LeftId, rightId),
    };

    /// <summary>Items that were shown to the left side of a pair and that it never clicked, by identity; empty where left is an item.</summary>
    public IReadOnlyList<int> PassedOver(Pair pair) => _passedOver.GetValueOrDefault((pair.Group, pair.LeftId)) ?? [];

    static bool Overlap(Dictionary<int, HashSet<int>> sets, int a, int b) =>
        sets.TryGetValue(a, out HashSet<int>? one) && sets.TryGetValue(b, out HashSet<int>? other) && (one.Count < other.Count ? other.Overlaps(one) : one.Overlaps(other));
}
