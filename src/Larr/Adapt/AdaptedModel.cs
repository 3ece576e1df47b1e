using System.Text.Json;
using Larr.Align;
using Larr.Ctr;
using Larr.Data;
using Larr.Runs;

namespace Larr.Adapt;

/// <summary>
/// A frozen click model with the adapters of its domains: rows are served by domain, and only their own domain's adapter is computed. A domain without
/// one is served by the frozen model itself.
/// </summary>
/// <param name="model">The frozen model; it is not disposed here.</param>
public sealed class AdaptedModel(CtrModel model) : IDisposable
{
    readonly Dictionary<string, HiddenAdapter> _adapters = [];

    /// <summary>Adapters by domain value, one for several where a method has one network; disposed with this model.</summary>
    public IReadOnlyDictionary<string, HiddenAdapter> Adapters => _adapters;

    /// <summary>Serves a domain with an adapter from now on.</summary>
    public void Activate(string domain, HiddenAdapter adapter) => _adapters.Add(domain, adapter);

    /// <summary>Predicts <paramref name="rows"/>, results in their order.</summary>
    public CtrPredictions Predict(CtrInputs inputs, int[] rows)
    {
        string field = DomainField(inputs.Table);
        IReadOnlyList<string> values = inputs.Table.Values(field);
        int[] domains = Columns.Pick(inputs.Table.Codes(field), rows);
        var all = new CtrPredictions(new float[rows.Length], new float[inputs.Table.Find(FieldRole.Conversion) is null ? 0 : rows.Length]);
        foreach (IGrouping<int, int> positions in Enumerable.Range(0, rows.Length).GroupBy(i => domains[i]))
        {
            int[] at = [.. positions];
            using var group = new DomainRows(model, inputs, positions.Key, [.. at.Select(i => rows[i])]);
            all.Place(at, group.Predict(model, _adapters.GetValueOrDefault(values[positions.Key])));
        }
        return all;
    }

    /// <summary>Writes <c>adapters.json</c> and one safetensors file per adapter.</summary>
    public void Save(AdaptConfig config, int domains, string folder)
    {
        List<HiddenAdapter> distinct = [.. _adapters.Values.Distinct()];
        var saved = new Saved(config, domains, _adapters.ToDictionary(a => a.Key, a => distinct.IndexOf(a.Value)));
        File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(saved, ConfigReader.Json));
        for (int a = 0; a < distinct.Count; a++) NamedWeights.Write(WeightsFile(folder, a), NamedWeights.Of(distinct[a]));
    }

    /// <summary>Reads the adapters saved in <paramref name="folder"/> for <paramref name="model"/>.</summary>
    public static AdaptedModel Load(string folder, CtrModel model)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) throw new InputException(path, "there are no adapters here");
        Saved saved = JsonSerializer.Deserialize<Saved>(File.ReadAllBytes(path), ConfigReader.Json)!;
        var adapted = new AdaptedModel(model);
        foreach (IGrouping<int, string> domains in saved.Served.GroupBy(s => s.Value, s => s.Key))
        {
            HiddenAdapter adapter = DomainAdapters.Create(saved.Config, model.Hidden!, saved.Domains, seed: 0);
            foreach (string domain in domains) adapted.Activate(domain, adapter);
            NamedWeights.Read(WeightsFile(folder, domains.Key), adapter);
        }
        return adapted;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (HiddenAdapter adapter in _adapters.Values.Distinct()) adapter.Dispose();
        _adapters.Clear();
    }

    internal static string DomainField(ImpressionTable table) =>
        table.Find(FieldRole.Domain)?.Name ?? throw new InputException("experiment", "adaptation needs a field of the role domain");

    const string FileName = "adapters.json";

    static string WeightsFile(string folder, int adapter) => Path.Combine(folder, $"adapter-{adapter}.safetensors");

    sealed record Saved(AdaptConfig Config, int Domains, Dictionary<string, int> Served);
}
