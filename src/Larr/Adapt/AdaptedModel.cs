using System.Text.Json;
using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Ctr.Layers;
using Larr.Data;
using Larr.Runs;
using Larr.Train;

namespace Larr.Adapt;

/// <summary>
/// A frozen click model with the adapters of its domains: rows are served by domain, and only their own domain's adapter is computed. A domain without
/// one is served by the frozen model itself.
/// </summary>
/// <param name="model">The frozen model; it is not disposed here.</param>
public sealed class AdaptedModel(CtrModel model) : IDisposable
{
    const string FileName = "adapters.json";

    readonly Dictionary<string, (HiddenAdapter Adapter, int Code)> _served = [];

    /// <summary>Adapters by domain value, one for several where a method has one network; disposed with this model.</summary>
    public IReadOnlyDictionary<string, HiddenAdapter> Adapters => _served.ToDictionary(s => s.Key, s => s.Value.Adapter);

    /// <summary>Serves a domain with an adapter from now on.</summary>
    /// <param name="domain">Value of the domain field.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="code">The domain's code when the adapter was trained, which an adapter of several domains needs.</param>
    public void Activate(string domain, HiddenAdapter adapter, int code = 0) => _served.Add(domain, (adapter, code));

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
            (HiddenAdapter? adapter, int code) = _served.GetValueOrDefault(values[positions.Key]);
            using var group = new DomainRows(model, inputs, code, [.. at.Select(i => rows[i])]);
            all.Place(at, group.Predict(model, adapter));
        }
        return all;
    }

    /// <summary>Writes <c>adapters.json</c> and one safetensors file per adapter.</summary>
    /// <param name="config">How they were made.</param>
    /// <param name="domains">Number of domains.</param>
    /// <param name="folder">Where to write.</param>
    public void Save(AdaptConfig config, int domains, string folder)
    {
        HiddenAdapter[] distinct = [.. _served.Values.Select(s => s.Adapter).Distinct()];
        var saved = new Saved(config, domains, [.. _served.Select(s => new ServedDomain(s.Key, s.Value.Code, Array.IndexOf(distinct, s.Value.Adapter)))]);
        File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(saved, ConfigReader.Json));
        for (int a = 0; a < distinct.Length; a++) NamedWeights.Write(WeightsFile(folder, a), NamedWeights.Of(distinct[a]));
    }

    /// <summary>Reads the adapters saved in <paramref name="folder"/> for <paramref name="model"/>.</summary>
    public static AdaptedModel Load(string folder, CtrModel model)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) throw new InputException(path, "there are no adapters here");
        Saved saved = JsonSerializer.Deserialize<Saved>(File.ReadAllBytes(path), ConfigReader.Json)!;
        var adapted = new AdaptedModel(model);
        foreach (IGrouping<int, ServedDomain> domains in saved.Served.GroupBy(s => s.Adapter))
        {
            HiddenAdapter adapter = DomainAdapters.Create(saved.Config, model.Hidden!, saved.Domains, seed: 0);
            foreach (ServedDomain domain in domains) adapted.Activate(domain.Value, adapter, domain.Code);
            NamedWeights.Read(WeightsFile(folder, domains.Key), adapter);
        }
        return adapted;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (HiddenAdapter adapter in _served.Values.Select(s => s.Adapter).Distinct()) adapter.Dispose();
        _served.Clear();
    }

    internal static string DomainField(ImpressionTable table) =>
        table.Find(FieldRole.Domain)?.Name ?? throw new InputException("experiment", "adaptation needs a field of the role domain");

    static string WeightsFile(string folder, int adapter) => Path.Combine(folder, $"adapter-{adapter}.safetensors");

    sealed record ServedDomain(string Value, int Code, int Adapter);

    sealed record Saved(AdaptConfig Config, int Domains, ServedDomain[] Served);
}
