using Larr.Align;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Runs;

namespace Larr.Tests.Ctr;

/// <summary>
/// A small city with a known click model: what a user likes, how good an item is, which category a scene calls for, and a shift of that by
/// domain. A scene value's text vector is its latent call for categories, rotated into more dimensions.
/// </summary>
public sealed class PlantedTable : IDisposable
{
    public const int Categories = 6, VectorWidth = 32;
    static readonly (string Name, int Values)[] s_scene = [("weather", 8), ("meal", 5), ("weekday", 7), ("place", 40), ("holiday", 3)];
    readonly TemporaryFolder _folder = new();
    readonly Dictionary<(string, string), float[]> _vectors = [];

    // "picture": the item's picture is an embedding field, whose vectors are Pictures'. "width": stored values of a field, by its name. "itemHash": embeddings that items share by hash.
    public PlantedTable(
        int rows, int seed = 1, bool behaviour = true, bool conversions = true, int users = 400, int items = 120, double calls = .7, bool picture = false,
        Func<string, int?>? width = null, int? itemHash = null)
    {
        var random = new Random(seed);
        float[][] Latent(int n, double deviation) => [.. Enumerable.Range(0, n).Select(_ => Enumerable.Range(0, Categories).Select(_ => (float)(deviation * Normal(random))).ToArray())];
        float[][] taste = Latent(users, 1), rotation = Latent(VectorWidth, 1), domainCalls = Latent(4, 1.2);
        float[][][] callsOf = [.. s_scene.Select(f => Latent(f.Values, calls))];
        float[] quality = [.. Enumerable.Range(0, items).Select(_ => (float)Normal(random))];

        int[] user = new int[rows], item = new int[rows], category = new int[rows], domain = new int[rows], hour = new int[rows];
        int[][] scene = [.. s_scene.Select(_ => new int[rows])];
        byte[] label = new byte[rows], conversion = new byte[rows];
        float[] truth = new float[rows];
        var parts = new Part[rows];
        var histories = new List<int>[users];
        long[] offsets = new long[rows + 1];
        var history = new List<int>();
        for (int r = 0; r < rows; r++)
        {
            (user[r], item[r], domain[r], hour[r]) = (random.Next(users), random.Next(items), random.Next(4), random.Next(24));
            category[r] = item[r] % Categories;
            double logit = -1.6 + taste[user[r]][category[r]] + .6 * quality[item[r]] + domainCalls[domain[r]][category[r]];
            for (int f = 0; f < scene.Length; f++)
            {
                scene[f][r] = random.Next(s_scene[f].Values);
                logit += callsOf[f][scene[f][r]][category[r]];
            }
            truth[r] = (float)(1 / (1 + Math.Exp(-logit)));
            label[r] = random.NextDouble() < truth[r] ? (byte)1 : (byte)0;
            conversion[r] = (byte)(label[r] == 1 && random.NextDouble() < 1 / (1 + Math.Exp(-quality[item[r]])) ? 1 : 0);
            parts[r] = (r * 10L / rows) switch { < 7 => Part.Train, < 8 => Part.Validation, _ => Part.Test };
            List<int> past = histories[user[r]] ??= [];
            history.AddRange(past.TakeLast(10));
            offsets[r + 1] = history.Count;
            if (label[r] == 1) past.Add(item[r]);
        }

        var fields = new List<FieldConfig>
        {
            new() { Name = "click", Role = FieldRole.Label },
            new() { Name = "user", Role = FieldRole.User },
            new() { Name = "item", Role = FieldRole.Item, Hash = itemHash },
            new() { Name = "category", Role = FieldRole.Feature },
            new() { Name = "hour", Role = FieldRole.Feature },
            new() { Name = "domain", Role = FieldRole.Domain },
            new() { Name = "session", Role = FieldRole.Group },
            new() { Name = "truth", Role = FieldRole.Truth },
        };
        fields.AddRange(s_scene.Select(f => new FieldConfig { Name = f.Name, Role = FieldRole.Scene }));
        if (conversions) fields.Add(new() { Name = "order", Role = FieldRole.Conversion });
        if (behaviour) fields.Add(new() { Name = "clicks", Role = FieldRole.Behaviour });
        if (picture) fields.Add(new() { Name = "picture", Role = FieldRole.Embedding, Vectors = new() { Path = "pictures.parquet" } });
        if (width is not null) fields = [.. fields.Select(f => f with { Dimension = width(f.Name) })];
        var writer = new ImpressionTableWriter(_folder.Path, rows, fields);
        writer.Labels(label);
        writer.Truth(truth);
        writer.Parts(parts);
        if (conversions) writer.Conversions(conversion);
        if (behaviour) writer.Behaviour("clicks", offsets, [.. history]);
        void Write(string name, int[] codes, int values) => writer.Codes(name, codes, [.. Enumerable.Range(0, values).Select(v => $"{name} {v}")]);
        Write("user", user, users);
        Write("session", user, users);
        Write("item", item, items);
        if (picture) Write("picture", item, items);
        Write("category", category, Categories);
        Write("hour", hour, 24);
        Write("domain", domain, 4);
        for (int f = 0; f < scene.Length; f++)
        {
            Write(s_scene[f].Name, scene[f], s_scene[f].Values);
            for (int v = 0; v < s_scene[f].Values; v++)
                _vectors[(s_scene[f].Name, $"{s_scene[f].Name} {v}")] = [.. rotation.Select(row => row.Zip(callsOf[f][v], (a, b) => a * b).Sum())];
        }
        writer.Finish();
        Table = ImpressionTable.Open(_folder.Path);
        Vectors = SceneVectors.From(Table, VectorOf);
    }

    /// <summary>A scene value's text vector as the language model would give it.</summary>
    public float[] VectorOf(string field, string value) => _vectors[(field, value)];

    /// <summary>All of them.</summary>
    public IEnumerable<(string Field, string Value, float[] Vector)> RawVectors => _vectors.Select(v => (v.Key.Item1, v.Key.Item2, v.Value));

    /// <summary>A vector per item's picture that says its category, every tenth item aside; the last key is of no item.</summary>
    public FieldVectors? Pictures(string? identity = "{model a}", int dimension = Categories + 1) => FieldVectors.Of(Table, field =>
    {
        var random = new Random(3);
        int[] items = [.. Enumerable.Range(0, Table.Values(field.Name).Count).Where(i => i % 10 != 3)];
        string[] keys = [.. items.Select(i => Table.Values(field.Name)[i]), "a new picture"];
        float[] vectors = [.. keys.SelectMany((_, k) => Enumerable.Range(0, dimension).Select(i => (k < items.Length && i == items[k] % Categories ? 1 : 0) + .1f * random.NextSingle()))];
        return new KeyedVectors(keys, vectors, dimension, identity);
    });

    public ImpressionTable Table { get; }

    public SceneVectors Vectors { get; }

    /// <summary>AUC of the true click probabilities on the test part.</summary>
    public double BestTestAuc()
    {
        int[] test = Table.RowsOf(Part.Test);
        return Larr.Stats.Auc.Compute(Columns.Pick(Table.Truth, test), Columns.Pick(Table.Labels, test));
    }

    /// <summary>A context that writes into a folder of this table.</summary>
    public StageContext Context(string name, int seed = 1) =>
        new(Directory.CreateDirectory(_folder.At(name)).FullName, seed, new Silent(), CancellationToken.None);

    public void Dispose()
    {
        Table.Dispose();
        _folder.Dispose();
    }

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    sealed class Silent : IProgress<StageProgress>
    {
        public void Report(StageProgress value) { }
    }
}
