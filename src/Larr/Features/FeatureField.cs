using System.IO.Hashing;
using System.Text;
using System.Text.Json.Serialization;
using Larr.Data;

namespace Larr.Features;

/// <summary>How a field's values become rows of the embedding table.</summary>
public enum FeatureKind
{
    /// <summary>A row for each value of the vocabulary.</summary>
    Categorical,

    /// <summary>A row for each remainder of the value's hash.</summary>
    Hashed,

    /// <summary>A row for each bucket of a number.</summary>
    Bucketised,

    /// <summary>One row, times the standardised number.</summary>
    Scaled,

    /// <summary>Several values per impression, each with a row of the vocabulary.</summary>
    Tags,
}

/// <summary>A field as the training part has shown it: everything that is needed to map the values of any other table.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Kind">How its values become rows.</param>
/// <param name="Hash">Number of rows of a hashed field.</param>
/// <param name="Bounds">Upper bounds of all buckets but the last, ascending.</param>
/// <param name="Mean">Mean of a scaled number.</param>
/// <param name="Deviation">Standard deviation of a scaled number; 1 where it has none.</param>
/// <param name="Values">Number of values in the vocabulary.</param>
/// <param name="Fingerprint">Hash of the vocabulary in its order: a list of values of another run is refused.</param>
/// <param name="Dimension">Values that a row stores; null for as many as the model's embeddings have.</param>
public sealed record FeatureField(
    string Name, FeatureKind Kind, int Hash = 0, IReadOnlyList<float>? Bounds = null, double Mean = 0, double Deviation = 1, int Values = 0, string Fingerprint = "",
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Dimension = null)
{
    /// <summary>Rows of the table, the out-of-vocabulary row included.</summary>
    internal int Rows => 1 + Kind switch { FeatureKind.Hashed => Hash, FeatureKind.Bucketised => Bounds!.Count + 1, FeatureKind.Scaled => 1, _ => Values };

    /// <summary>Values that a row stores in a model of <paramref name="dimension"/>.</summary>
    internal int Width(int dimension) => Math.Min(Dimension ?? dimension, dimension);

    /// <summary>The kind that a field's configuration asks for.</summary>
    internal static FeatureKind KindOf(FieldConfig field) => field.Role switch
    {
        FieldRole.Number => field.Buckets == 0 ? FeatureKind.Scaled : FeatureKind.Bucketised,
        FieldRole.Tags => FeatureKind.Tags,
        _ => field.Hash is null ? FeatureKind.Categorical : FeatureKind.Hashed,
    };

    /// <summary>Row of a number within the field: 0 where it is missing.</summary>
    internal int RowOf(float number)
    {
        if (float.IsNaN(number)) return 0;
        if (Kind == FeatureKind.Scaled) return 1;
        (int low, int high) = (0, Bounds!.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (number <= Bounds[middle]) high = middle;
            else low = middle + 1;
        }
        return 1 + low;
    }

    /// <summary>Row of a value within a hashed field.</summary>
    internal int RowOf(ReadOnlySpan<char> value)
    {
        int most = Encoding.UTF8.GetMaxByteCount(value.Length);
        Span<byte> bytes = most <= 1024 ? stackalloc byte[1024] : new byte[most];
        return 1 + (int)(XxHash3.HashToUInt64(bytes[..Encoding.UTF8.GetBytes(value, bytes)]) % (uint)Hash);
    }

    /// <summary>What the embedding of a number is multiplied by: 1, or the standardised number.</summary>
    internal float ScaleOf(float number) => Kind != FeatureKind.Scaled || float.IsNaN(number) ? 1 : (float)((number - Mean) / Deviation);

    /// <summary>Buckets or scale of a number, from its values in the training part.</summary>
    internal static FeatureField OfNumber(FieldConfig field, List<float> numbers)
    {
        numbers.RemoveAll(float.IsNaN);
        if (field.Buckets > 0)
        {
            numbers.Sort();
            // The bound of a bucket is a value that occurs, and equal values share a bucket.
            float[] bounds = [.. Enumerable.Range(1, field.Buckets - 1).Where(_ => numbers.Count > 0)
                .Select(b => numbers[(int)((long)(numbers.Count - 1) * b / field.Buckets)]).Distinct()];
            return new FeatureField(field.Name, FeatureKind.Bucketised, Bounds: bounds);
        }
        double mean = numbers.Count == 0 ? 0 : numbers.Average(), variance = numbers.Count == 0 ? 0 : numbers.Average(n => (n - mean) * (n - mean));
        return new FeatureField(field.Name, FeatureKind.Scaled, Mean: mean, Deviation: variance > 0 ? Math.Sqrt(variance) : 1);
    }

    /// <summary>A hash of a vocabulary in its order.</summary>
    internal static string FingerprintOf(IEnumerable<string> values)
    {
        var hash = new XxHash3();
        foreach (string value in values)
        {
            hash.Append(Encoding.UTF8.GetBytes(value));
            hash.Append([0]);
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
