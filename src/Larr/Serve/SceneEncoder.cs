using System.IO.Hashing;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using Larr.Align;
using Larr.Embed;
using Larr.Index;
using Larr.Runs;

namespace Larr.Serve;

/// <summary>
/// A trained scene aggregator for serving: the vectors of all scene values are prepared once, and one scene costs some ten microseconds of plain
/// arithmetic. No tensor library, no language model, no allocation. It equals the trained module within 1e-5.
/// </summary>
/// <remarks>
/// Immutable after loading: any number of threads encode at once, each with a <see cref="SceneWorkspace"/> of its own. A value without a
/// vector has code 0 and reads as its field's mean vector, which is what standardisation takes for "nothing known".
/// </remarks>
public sealed class SceneEncoder
{
    readonly Dictionary<string, int>[] _codes;
    readonly int[] _first; // first row of each field in _prepared
    readonly float[] _prepared;

    SceneEncoder(SceneArtefact artefact, SceneKernel kernel, Dictionary<string, int>[] codes, List<float[]>[] prepared)
    {
        (Artefact, Kernel, _codes) = (artefact, kernel, codes);
        _first = new int[codes.Length];
        for (int f = 1; f < _first.Length; f++) _first[f] = _first[f - 1] + prepared[f - 1].Count;
        _prepared = new float[checked(prepared.Sum(p => p.Count) * kernel.PreparedWidth)];
        int row = 0;
        foreach (float[] value in prepared.SelectMany(p => p)) value.CopyTo(_prepared, row++ * kernel.PreparedWidth);
    }

    /// <summary>What was loaded.</summary>
    public SceneArtefact Artefact { get; }

    /// <summary>The scene fields, in the order of the codes of a scene.</summary>
    public IReadOnlyList<string> Fields => Artefact.Fields;

    /// <summary>Length of a scene vector.</summary>
    public int Dimension => Artefact.Dimension;

    internal SceneKernel Kernel { get; }

    /// <summary>Loads the aggregator in <paramref name="folder"/> (of an align or ctr stage) with the values of a live index.</summary>
    /// <exception cref="InputException">A file is missing or damaged, or the index holds vectors of another model, which the message names beside the expected one.</exception>
    public static SceneEncoder Load(string folder, Generation live)
    {
        ArgumentNullException.ThrowIfNull(live);
        IEnumerable<(string, string, float[])> values = Enumerable.Range(0, live.Count).Select(r => (live.Field(r), live.Value(r), live.Vector(r).ToArray()));
        return Load(folder, live.Header.Identity, values);
    }

    /// <summary>Loads the aggregator in <paramref name="folder"/> with given value vectors.</summary>
    /// <param name="folder">Folder of an align or ctr stage.</param>
    /// <param name="identity">What the vectors were made with; null where nobody knows, and then nothing is compared.</param>
    /// <param name="values">Vectors [D] of (field, value), as the language model gave them. Fields that the encoder does not read are passed over.</param>
    /// <exception cref="InputException">A file is missing or damaged, the vectors are of another model or length, or one is not finite.</exception>
    public static SceneEncoder Load(string folder, VectorIdentity? identity, IEnumerable<(string Field, string Value, float[] Vector)> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        SceneArtefact artefact = SceneArtefact.Read(folder);
        string description = Path.Combine(folder, SceneArtefact.DescriptionFile);
        if (identity is not null && artefact.Vectors is { } expected && expected != identity)
            throw new InputException(description, "vectors", identity.ToString(), $"{expected}, which the encoder was trained on");
        using var weights = new WeightFile(Path.Combine(folder, SceneArtefact.WeightsFile));
        var kernel = SceneKernel.Read(artefact, weights);

        (int n, int d) = (artefact.Fields.Count, artefact.VectorWidth);
        float[] mean = weights.Read(SceneArtefact.MeanName, n * d), deviation = weights.Read(SceneArtefact.DeviationName, n);
        List<string> fields = [.. artefact.Fields];
        var codes = new Dictionary<string, int>[n];
        var prepared = new List<float[]>[n];
        for (int f = 0; f < n; f++)
        {
            (codes[f], prepared[f]) = ([], []);
            prepared[f].Add(Prepared(f, new float[d]));
        }
        foreach ((string field, string value, float[] vector) in values)
        {
            int f = fields.IndexOf(field);
            if (f < 0) continue;
            if (vector.Length != d) throw new InputException(description, $"{field} \"{value}\"", $"a vector of {vector.Length}", $"{d}");
            if (!float.IsFinite(TensorPrimitives.Sum<float>(vector))) throw new InputException(description, $"{field} \"{value}\"", "a value that is not finite", "numbers");
            float[] standardised = new float[d];
            TensorPrimitives.Subtract(vector, mean.AsSpan(f * d, d), standardised);
            TensorPrimitives.Divide(standardised, deviation[f], standardised);
            codes[f][value] = prepared[f].Count;
            prepared[f].Add(Prepared(f, standardised));
        }
        return new SceneEncoder(artefact, kernel, codes, prepared);

        float[] Prepared(int field, float[] vector)
        {
            float[] result = new float[kernel.PreparedWidth];
            kernel.Prepare(field, vector, result);
            return result;
        }
    }

    /// <summary>The code of a value of the field at position <paramref name="field"/>; 0 where it has no vector. Allocates nothing.</summary>
    public int Code(int field, ReadOnlySpan<char> value) => _codes[field].GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(value, out int code) ? code : 0;

    /// <summary>Number of values of the field at position <paramref name="field"/> that have a vector.</summary>
    public int Values(int field) => _codes[field].Count;

    /// <summary>Hash of all values and what was made of their vectors, in whatever order an index holds them.</summary>
    internal string ContentHash()
    {
        var hash = new XxHash128();
        for (int f = 0; f < _codes.Length; f++)
            foreach ((string value, int code) in _codes[f].OrderBy(c => c.Key, StringComparer.Ordinal))
            {
                hash.Append(Encoding.UTF8.GetBytes($"{f}\0{value}\0"));
                hash.Append(MemoryMarshal.AsBytes(_prepared.AsSpan((_first[f] + code) * Kernel.PreparedWidth, Kernel.PreparedWidth)));
            }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>Encodes one scene. Allocates nothing.</summary>
    /// <param name="codes">A code per field, in the order of <see cref="Fields"/>.</param>
    /// <param name="workspace">Memory of the calling thread.</param>
    /// <param name="scene">Receives the scene vector, [<see cref="Dimension"/>].</param>
    public void Encode(ReadOnlySpan<int> codes, SceneWorkspace workspace, Span<float> scene)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        if (codes.Length != _codes.Length) throw new ArgumentException($"{codes.Length} codes; expected {_codes.Length}", nameof(codes));
        for (int f = 0; f < codes.Length; f++)
        {
            if ((uint)codes[f] > (uint)_codes[f].Count) throw new ArgumentOutOfRangeException(nameof(codes), $"code {codes[f]} of {Fields[f]}; expected 0 to {_codes[f].Count}");
            workspace.Offsets[f] = (_first[f] + codes[f]) * Kernel.PreparedWidth;
        }
        Kernel.Encode(_prepared, workspace.Offsets, workspace.Scratch, workspace.Scene);
        workspace.Scene.AsSpan(0, Dimension).CopyTo(scene);
    }
}
