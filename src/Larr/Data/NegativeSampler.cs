namespace Larr.Data;

/// <summary>One row of the table to be: which positive it is made of.</summary>
/// <param name="Positive">The row of the log that gives user, time, texts and history.</param>
/// <param name="Item">Code of the item shown.</param>
/// <param name="Context">The row of the log that gives scene and domain.</param>
/// <param name="Label">1 for the positive itself.</param>
readonly record struct SampledRow(int Positive, int Item, int Context, byte Label);

/// <summary>
/// Draws negatives for positives. A draw that is not a negative (see <see cref="NegativeKind"/>) is drawn anew; a positive for which none is found
/// stands alone.
/// </summary>
/// <param name="config">Kind, number and seed.</param>
/// <param name="users">User of each positive.</param>
/// <param name="items">Item of each positive.</param>
/// <param name="contexts">Number of each positive's context; equal numbers for equal contexts.</param>
sealed class NegativeSampler(NegativeConfig config, int[] users, int[] items, int[] contexts)
{
    const int Draws = 100;

    // A history may name items that the log itself never shows: they are no candidates.
    readonly int[] _shown = [.. items.Distinct()];
    readonly Random _random = new(config.Seed);
    readonly HashSet<(int User, int Item)> _taken = [];
    readonly HashSet<(int User, int Item, int Context)> _takenThere = [];
    readonly Dictionary<int, List<int>> _rowsOfUser = [];
    readonly Dictionary<int, int[]> _itemsOfUser = [];

    /// <summary>Every positive, each followed by its negatives.</summary>
    internal List<SampledRow> Draw()
    {
        for (int r = 0; r < users.Length; r++)
        {
            _taken.Add((users[r], items[r]));
            _takenThere.Add((users[r], items[r], contexts[r]));
            if (!_rowsOfUser.TryGetValue(users[r], out List<int>? rows)) _rowsOfUser[users[r]] = rows = [];
            rows.Add(r);
        }
        var all = new List<SampledRow>(users.Length * (1 + config.PerPositive));
        for (int r = 0; r < users.Length; r++)
        {
            all.Add(new SampledRow(r, items[r], r, 1));
            for (int k = 0; k < config.PerPositive; k++)
                if (Negative(r) is { } negative) all.Add(negative);
        }
        return all;
    }

    /// <summary>A number per row that is equal for equal codes in all <paramref name="columns"/>.</summary>
    internal static int[] Contexts(IReadOnlyList<int[]> columns, int rows)
    {
        int[] of = new int[rows];
        foreach (int[] codes in columns)
        {
            var numbers = new Dictionary<(int, int), int>();
            for (int r = 0; r < rows; r++)
            {
                (int, int) pair = (of[r], codes[r]);
                if (!numbers.TryGetValue(pair, out of[r])) numbers[pair] = of[r] = numbers.Count;
            }
        }
        return of;
    }

    SampledRow? Negative(int row)
    {
        int user = users[row];
        for (int draw = 0; draw < Draws; draw++)
        {
            (int item, int context) = config.Kind switch
            {
                NegativeKind.Uniform => (OneOf(_shown), row),
                NegativeKind.Popularity => (items[_random.Next(items.Length)], row),
                NegativeKind.OwnHistory => (OneOf(ItemsOf(user)), row),
                _ => (items[row], OneOf(_rowsOfUser[user])),
            };
            bool taken = config.Kind is NegativeKind.Uniform or NegativeKind.Popularity
                ? _taken.Contains((user, item))
                : _takenThere.Contains((user, item, contexts[context]));
            if (!taken) return new SampledRow(row, item, context, 0);
        }
        return null;
    }

    int OneOf(IReadOnlyList<int> list) => list[_random.Next(list.Count)];

    int[] ItemsOf(int user)
    {
        if (!_itemsOfUser.TryGetValue(user, out int[]? own)) _itemsOfUser[user] = own = [.. _rowsOfUser[user].Select(r => items[r]).Distinct()];
        return own;
    }
}
