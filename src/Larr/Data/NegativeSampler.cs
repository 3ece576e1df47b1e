namespace Larr.Data;

/// <summary>One row of the table to be: which positive it is made of.</summary>
/// <param name="Positive">The row of the log that gives user, time, texts and history.</param>
/// <param name="Item">Code of the item shown.</param>
/// <param name="Context">The row of the log that gives scene and domain.</param>
/// <param name="Label">1 for the positive itself.</param>
readonly record struct SampledRow(int Positive, int Item, int Context, byte Label);

/// <summary>
/// Draws negatives for positives. A draw that is not a negative (see <see cref="NegativeKind"/>) is drawn anew; a positive for which none is found
/// stands alone. Where the positives have parts already, those of training know nothing of the others, and those of validation nothing of the test part: neither which items
/// there are, nor what a user took.
/// </summary>
/// <param name="config">Kind, number and seed.</param>
/// <param name="users">User of each positive.</param>
/// <param name="items">Item of each positive.</param>
/// <param name="contexts">Number of each positive's context; equal numbers for equal contexts.</param>
/// <param name="parts">Part of each positive; null where rows are dealt out afterwards, one by one.</param>
sealed class NegativeSampler(NegativeConfig config, int[] users, int[] items, int[] contexts, Part[]? parts = null)
{
    const int Draws = 100;

    readonly Random _random = new(config.Seed);

    // What is known so far: items, rows, and who took what. A history may name items that the log itself never shows: they are no candidates.
    readonly List<int> _rows = [], _shown = [];
    readonly HashSet<int> _isShown = [];
    readonly HashSet<(int User, int Item)> _taken = [];
    readonly HashSet<(int User, int Item, int Context)> _takenThere = [];
    readonly Dictionary<int, List<int>> _rowsOfUser = [];
    readonly Dictionary<int, int[]> _itemsOfUser = [];

    /// <summary>Every positive, each followed by its negatives.</summary>
    internal List<SampledRow> Draw()
    {
        var drawn = new SampledRow?[users.Length, config.PerPositive];
        foreach (int[] rows in Enumerable.Range(0, users.Length).GroupBy(r => parts?[r] ?? Part.Train).OrderBy(g => g.Key).Select(g => g.ToArray()))
        {
            foreach (int row in rows) Know(row);
            _itemsOfUser.Clear();
            foreach (int row in rows)
                for (int k = 0; k < config.PerPositive; k++) drawn[row, k] = Negative(row);
        }
        var all = new List<SampledRow>(users.Length * (1 + config.PerPositive));
        for (int r = 0; r < users.Length; r++)
        {
            all.Add(new SampledRow(r, items[r], r, 1));
            for (int k = 0; k < config.PerPositive; k++)
                if (drawn[r, k] is { } negative) all.Add(negative);
        }
        return all;
    }

    void Know(int row)
    {
        _rows.Add(row);
        if (_isShown.Add(items[row])) _shown.Add(items[row]);
        _taken.Add((users[row], items[row]));
        _takenThere.Add((users[row], items[row], contexts[row]));
        if (!_rowsOfUser.TryGetValue(users[row], out List<int>? own)) _rowsOfUser[users[row]] = own = [];
        own.Add(row);
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
                NegativeKind.Popularity => (items[OneOf(_rows)], row),
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
