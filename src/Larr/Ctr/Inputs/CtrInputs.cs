using System.Text.Json;
using Larr.Align;
using Larr.Data;
using Larr.Features;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Ctr.Inputs;

/// <summary>Makes batches for a click model from the rows of a table: the features' embedding rows, the histories and the scenes.</summary>
public sealed class CtrInputs
{
    /// <summary>Position of the item among the fields, where it is one.</summary>
    internal const int ItemField = 0;

    readonly FeatureMap _map;
    readonly int _historyLength;
    readonly (string Field, int MapField)[] _sequences;
    readonly SceneRows? _scenes;
    readonly TextFeatures? _texts;
    readonly FieldVectors? _vectors;
    readonly bool _conversions;

    /// <summary>Inputs for <paramref name="config"/> from <paramref name="table"/>.</summary>
    /// <param name="table">The impressions.</param>
    /// <param name="config">Which features, and how much history.</param>
    /// <param name="map">Embedding rows of the features.</param>
    /// <param name="vectors">Vectors of the scene values; null without scene vectors.</param>
    /// <param name="texts">Text vectors of items and users; null for none.</param>
    /// <param name="fieldVectors">Vectors of the embedding fields; null for none.</param>
    public CtrInputs(ImpressionTable table, CtrConfig config, FeatureMap map, SceneVectors? vectors, TextFeatures? texts = null, FieldVectors? fieldVectors = null)
    {
        (_texts, _vectors) = (texts, fieldVectors);
        (Table, _map, _historyLength) = (table, map, config.HistoryLength);
        int item = map.Find(table.Find(FieldRole.Item)?.Name);
        _sequences = [.. BehavioursOf(table, config).Select(b => (b, item)), .. map.Tags.Select(t => (t, map.Find(t)))];
        _conversions = table.Find(FieldRole.Conversion) is not null;
        if (vectors is not null) _scenes = new SceneRows(table, vectors);
    }

    /// <summary>The impressions.</summary>
    public ImpressionTable Table { get; }

    /// <summary>Number of distinct scenes of the table; 0 without scene vectors.</summary>
    public int DistinctScenes => _scenes?.Count ?? 0;

    /// <summary>The fields that a model of <paramref name="config"/> reads, behaviours aside, the item first.</summary>
    public static IReadOnlyList<string> FieldsOf(ImpressionTable table, CtrConfig config)
    {
        bool Reads(FieldRole role) => role switch
        {
            FieldRole.Item => config.UseItemId,
            FieldRole.User => config.UseUserId,
            FieldRole.Feature or FieldRole.Number or FieldRole.Tags => true,
            FieldRole.Scene or FieldRole.Domain => !config.ExcludeScene,
            _ => false,
        };
        return [.. table.Fields.Where(f => Reads(f.Role)).OrderByDescending(f => f.Role == FieldRole.Item).Select(f => f.Name)];
    }

    /// <summary>The behaviour fields that a model of <paramref name="config"/> reads.</summary>
    /// <exception cref="InputException">Attention is asked for where there is no behaviour to attend to, or no length of it is read.</exception>
    public static string[] BehavioursOf(ImpressionTable table, CtrConfig config)
    {
        string[] fields = config.UseBehaviour && config.UseItemId ? [.. table.FindAll(FieldRole.Behaviour).Select(f => f.Name)] : [];
        if (config.Backbone is BackboneKind.Din or BackboneKind.TargetAttention && fields.Length == 0)
            throw new InputException("experiment", "ctr.backbone", JsonNamingPolicy.CamelCase.ConvertName(config.Backbone.ToString()), "a field of the role behaviour, with useBehaviour and useItemId, or another backbone");
        if (config.HistoryLength < 1 && (fields.Length > 0 || table.Find(FieldRole.Tags) is not null))
            throw new InputException("experiment", "ctr.historyLength", $"{config.HistoryLength}", "1 or more: behaviours and tags are read up to it");
        return fields;
    }

    /// <summary>What the table says about <paramref name="rows"/>. One thread at a time; it may be another than that of the tensors.</summary>
    public CtrRows Read(ReadOnlyMemory<int> rows)
    {
        ReadOnlySpan<int> at = rows.Span;
        int fields = _map.Fields.Count, length = LongestSequence(at);
        int[] ids = new int[at.Length * (fields + _sequences.Length * length)];
        for (int f = 0; f < fields; f++)
        {
            ReadOnlySpan<int> codes = _map.Codes(f), map = _map.Ids(f);
            for (int b = 0; b < at.Length; b++) ids[b * fields + f] = map[codes[at[b]]];
        }
        float[] present = new float[_sequences.Length * at.Length * length];
        FillSequences(at, length, ids.AsSpan(at.Length * fields), present);
        return new CtrRows(rows, ids, Scales(at), present, length, Columns.Pick(Table.Labels, at), _conversions ? Columns.Pick(Table.Conversions, at) : []);
    }

    /// <summary>The tensors of some rows.</summary>
    public CtrBatch Batch(CtrRows read, EmbeddingTable embeddings, Device device, bool train)
    {
        int rows = read.Rows.Length, fields = _map.Fields.Count;
        Tensor gathered = embeddings.Gather(read.Ids, device, train);
        // Cut at once, so that backward writes the gradient once: slices taken one by one would each fill one of the whole size.
        Tensor[] parts = gathered.split([rows * fields, .. Enumerable.Repeat((long)rows * read.Length, _sequences.Length)]);
        Tensor fieldRows = parts[0].view(rows, fields, -1);
        return new CtrBatch
        {
            Rows = rows,
            Fields = fields,
            Ids = read.Ids,
            Gathered = gathered,
            FieldRows = read.Scales.Length == 0 ? fieldRows : fieldRows * from_array(read.Scales).view(rows, fields, 1).to(device),
            SequenceRows = [.. parts[1..].Select(part => part.view(rows, read.Length, -1))],
            Mask = _sequences.Length == 0 ? null : from_array(read.Present).view(_sequences.Length, rows, read.Length).to(device),
            Scenes = _scenes?.Batch(read.Rows.Span, device),
            Texts = _texts?.Batch(Table, read.Rows.Span, device),
            Vectors = _vectors?.Batch(Table, read.Rows.Span, device),
        };
    }

    /// <summary>The tensors of <paramref name="rows"/>, read at once.</summary>
    public CtrBatch Batch(ReadOnlySpan<int> rows, EmbeddingTable embeddings, Device device, bool train) =>
        Batch(Read(rows.ToArray()), embeddings, device, train);

    float[] Scales(ReadOnlySpan<int> rows)
    {
        if (!_map.HasScaled) return [];
        int fields = _map.Fields.Count;
        float[] scales = new float[rows.Length * fields];
        for (int b = 0; b < rows.Length; b++)
            for (int f = 0; f < fields; f++) scales[b * fields + f] = _map.Scale(f, rows[b]);
        return scales;
    }

    int LongestSequence(ReadOnlySpan<int> rows)
    {
        if (_sequences.Length == 0) return 0;
        int longest = 1;
        foreach ((string field, _) in _sequences)
        {
            Histories histories = Table.Behaviour(field);
            foreach (int row in rows) longest = Math.Max(longest, Math.Min(_historyLength, histories[row].Length));
        }
        return longest;
    }

    void FillSequences(ReadOnlySpan<int> rows, int length, Span<int> ids, Span<float> present)
    {
        ids.Fill(-1);
        int start = 0;
        foreach ((string field, int mapField) in _sequences)
        {
            ReadOnlySpan<int> map = _map.Ids(mapField);
            Histories histories = Table.Behaviour(field);
            foreach (int row in rows)
            {
                ReadOnlySpan<int> history = histories[row];
                history = history[Math.Max(0, history.Length - length)..];
                for (int i = 0; i < history.Length; i++) (ids[start + i], present[start + i]) = (map[history[i]], 1);
                start += length;
            }
        }
    }
}
