using System.Collections;
using Larr.Data;

namespace Larr.Benchmarks;

/// <summary>Impressions of any number with a vocabulary of any size, in the shape of Frappe: clicks depend on the parity of item and user.</summary>
static class GeneratedRows
{
    static readonly (string Name, FieldRole Role, int Values)[] s_fields =
    [
        ("item", FieldRole.Item, 4082), ("daytime", FieldRole.Feature, 7), ("weekday", FieldRole.Feature, 7), ("isweekend", FieldRole.Feature, 2), ("homework", FieldRole.Feature, 3),
        ("cost", FieldRole.Feature, 2), ("weather", FieldRole.Feature, 9), ("country", FieldRole.Feature, 80), ("city", FieldRole.Feature, 233),
    ];

    internal static void Write(string folder, int rows, int users)
    {
        var random = new Random(1);
        List<FieldConfig> fields = [new() { Name = "click", Role = FieldRole.Label }, new() { Name = "user", Role = FieldRole.User }, .. s_fields.Select(f => new FieldConfig { Name = f.Name, Role = f.Role })];
        var writer = new ImpressionTableWriter(folder, rows, fields);
        int[] user = [.. Enumerable.Range(0, rows).Select(r => r < users ? r : random.Next(users))];
        random.Shuffle(user);
        byte[] label = new byte[rows];
        writer.Codes("user", user, new Names("user", users));
        foreach ((string name, _, int values) in s_fields)
        {
            int[] codes = new int[rows];
            for (int r = 0; r < rows; r++) codes[r] = random.Next(values);
            writer.Codes(name, codes, new Names(name, values));
            if (name != "item") continue;
            for (int r = 0; r < rows; r++) label[r] = random.NextDouble() < .2 + .3 * (codes[r] % 2) + .2 * (user[r] % 2) ? (byte)1 : (byte)0;
        }
        writer.Labels(label);
        writer.Parts([.. Enumerable.Range(0, rows).Select(r => r % 100 == 99 ? Part.Test : r % 100 == 98 ? Part.Validation : Part.Train)]);
        writer.Finish();
    }

    /// <summary>"name 0", "name 1" and so on, made when they are written.</summary>
    sealed class Names(string name, int count) : IReadOnlyCollection<string>
    {
        public int Count => count;

        public IEnumerator<string> GetEnumerator()
        {
            for (int i = 0; i < count; i++) yield return $"{name} {i}";
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
