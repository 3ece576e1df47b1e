using System.Text.Json;
using Larr.Align;
using Larr.Ctr;
using Larr.Data;
using Larr.Runs;

namespace Larr.Adapt;

/// <summary>
/// A frozen click model with the kernels of its domains: rows are served by domain, and only their own domain's kernels are computed. A domain without
/// kernels is served by the frozen model itself.
/// </summary>
/// <param name="model">The frozen model; it is not disposed here.</param>
public sealed class AdaptedModel(CtrModel model) : IDisposable
{
    readonly Dictionary<string, DomainKernels> _kernels = [];

    /// <summary>Kernels by domain value; disposed with this model.</summary>
    public IReadOnlyDictionary<string, DomainKernels> Kernels => _kernels;

    /// <summary>Activates kernels for a domain.</summary>
    public void Activate(string domain, DomainKernels kernels) => _kernels.Add(domain, kernels);

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
            using var group = new DomainRows(model, inputs, [.. at.Select(i => rows[i])]);
            all.Place(at, group.Predict(model, _kernels.TryGetValue(values[positions.Key], out DomainKernels? kernels) ? kernels.Serve : null));
        }
        return all;
    }

    /// <summary>Writes <c>kernels.json</c> and one safetensors file per domain.</summary>
    public void Save(AdaptConfig config, string folder)
    {
        var saved = new Saved(config, [.. _kernels.Keys]);
        File.WriteAllBytes(Path.Combine(folder, "kernels.json"), JsonSerializer.SerializeToUtf8Bytes(saved, ConfigReader.Json));
        for (int k = 0; k < saved.Domains.Length; k++)
            NamedWeights.Write(Path.Combine(folder, $"kernel-{k}.safetensors"), NamedWeights.Of(_kernels[saved.Domains[k]]));
    }

    /// <summary>Reads the kernels saved in <paramref name="folder"/> for <paramref name="model"/>.</summary>
    public static AdaptedModel Load(string folder, CtrModel model)
    {
        string path = Path.Combine(folder, "kernels.json");
        if (!File.Exists(path)) throw new InputException(path, "there are no kernels here");
        Saved saved = JsonSerializer.Deserialize<Saved>(File.ReadAllBytes(path), ConfigReader.Json)!;
        var adapted = new AdaptedModel(model);
        for (int k = 0; k < saved.Domains.Length; k++)
        {
            var kernels = new DomainKernels(saved.Config, model, seed: 0);
            adapted.Activate(saved.Domains[k], kernels);
            NamedWeights.Read(Path.Combine(folder, $"kernel-{k}.safetensors"), kernels);
        }
        return adapted;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DomainKernels kernels in _kernels.Values) kernels.Dispose();
        _kernels.Clear();
    }

    internal static string DomainField(ImpressionTable table) =>
        table.Find(FieldRole.Domain)?.Name ?? throw new InputException("experiment", "adaptation needs a field of the role domain");

    sealed record Saved(AdaptConfig Config, string[] Domains);
}
