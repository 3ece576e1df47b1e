using System.Text.Json;
using Larr.Align;
using Larr.Data;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>Makes batches for a click model from the rows of a table: the features' embedding rows, the histories and the scenes.</summary>
public sealed class CtrInputs
{
    readonly FeatureMap _map;
    readonly int _item, _historyLength;
    readonly string[] _behaviours;
    readonly SceneRows? _scenes;
    readonly TextFeatures? _texts;
    readonly bool _conversions;

    /// <summary>Inputs for <paramref name="config"/> from <paramref name="table"/>.</summary>
    /// <param name="table">The impressions.</param>
    /// <param name="config">Which features, and how much history.</param>
    /// <param name="map">Embedding rows of the features.</param>
    /// <param name="vectors">Vectors of the scene values; null without scene vectors.</param>
    /// <param name="texts">Text vectors of items and users; null for none.</param>
    public CtrInputs(ImpressionTable table, CtrConfig config, FeatureMap map, SceneVectors? vectors, TextFeatures? texts = null)
    {
        _texts = texts;
        (Table, _map, _historyLength) = (table, map, config.HistoryLength);
        _item = map.Find(table.Find(FieldRole.Item)?.Name);
        _behaviours = BehavioursOf(table, config);
        _conversions = table.Find(FieldRole.Conversion) is not null;
        if (vectors is not null) _scenes = new SceneRows(table, vectors);
    }

    /// <summary>The impressions.</summary>
    public ImpressionTable Table { get; }

    /// <summary>Number of distinct scenes of the table; 0 without scene vectors.</summary>
    public int DistinctScenes => _scenes?.Count ?? 0;

    /// <summary>The categorical fields that a model of <paramref name="config"/> reads, the item first.</summary>
    public static IReadOnlyList<string> FieldsOf(ImpressionTable table, CtrConfig config)
    {
        bool Reads(FieldRole role) => role switch
        {
            FieldRole.Item => config.UseItemId,
            FieldRole.User => config.UseUserId,
            FieldRole.Feature => true,
            FieldRole.Scene or FieldRole.Domain => !config.ExcludeScene,
            _ => false,
        };
        return [.. table.Fields.Where(f => Reads(f.Role)).OrderByDescending(f => f.Role == FieldRole.Item).Select(f => f.Name)];
    }

    /// <summary>The behaviour fields that a model of <paramref name="config"/> reads.</summary>
    /// <exception cref="InputException">Attention is asked for where there is no behaviour to attend to.</exception>
    public static string[] BehavioursOf(ImpressionTable table, CtrConfig config)
    {
        string[] fields = config.UseBehaviour && config.UseItemId ? [.. table.FindAll(FieldRole.Behaviour).Select(f => f.Name)] : [];
        if (config.Backbone is BackboneKind.Din or BackboneKind.TargetAttention && fields.Length == 0)
            throw new InputException("experiment", "ctr.backbone", JsonNamingPolicy.CamelCase.ConvertName(config.Backbone.ToString()), "a field of the role behaviour, with useBehaviour and useItemId, or another backbone");
        return fields;
    }

    /// <summary>What the table says about <paramref name="rows"/>. One thread at a time; it may be another than that of the tensors.</summary>
    public CtrRows Read(ReadOnlyMemory<int> rows)
    {
        ReadOnlySpan<int> at = rows.Span;
        int fields = _map.Fields.Count, length = LongestHistory(at);
        int[] ids = new int[at.Length * (fields + _behaviours.Length * length)];
        for (int f = 0; f < fields; f++)
        {
            ReadOnlySpan<int> codes = Table.Codes(_map.Fields[f]), map = _map.Ids(f);
            for (int b = 0; b < at.Length; b++) ids[b * fields + f] = map[codes[at[b]]];
        }
        float[] present = new float[_behaviours.Length * at.Length * length];
        FillHistories(at, length, ids.AsSpan(at.Length * fields), present);
        return new CtrRows(rows, ids, present, length, Columns.Pick(Table.Labels, at), _conversions ? Columns.Pick(Table.Conversions, at) : []);
    }

    /// <summary>The tensors of some rows.</summary>
    public CtrBatch Batch(CtrRows read, EmbeddingTable embeddings, Device device, bool train)
    {
        int rows = read.Rows.Length;
        return new CtrBatch
        {
            Rows = rows,
            Fields = _map.Fields.Count,
            Ids = read.Ids,
            Gathered = embeddings.Gather(read.Ids, device, train),
            Mask = _behaviours.Length == 0 ? null : from_array(read.Present).view(_behaviours.Length, rows, read.HistoryLength).to(device),
            Scenes = _scenes?.Batch(read.Rows.Span, device),
            Texts = _texts?.Batch(Table, read.Rows.Span, device),
        };
    }

    /// <summary>The tensors of <paramref name="rows"/>, read at once.</summary>
    public CtrBatch Batch(ReadOnlySpan<int> rows, EmbeddingTable embeddings, Device device, bool train) =>
        Batch(Read(rows.ToArray()), embeddings, device, train);

    int LongestHistory(ReadOnlySpan<int> rows)
    {
        int longest = 1;
        foreach (string behaviour in _behaviours)
        {
            Histories histories = Table.Behaviour(behaviour);
            foreach (int row in rows) longest = Math.Max(longest, Math.Min(_historyLength, histories[row].Length));
        }
        return _behaviours.Length == 0 ? 0 : longest;
    }

    void FillHistories(ReadOnlySpan<int> rows, int length, Span<int> ids, Span<float> present)
    {
        if (_behaviours.Length == 0) return;
        ids.Fill(-1);
        ReadOnlySpan<int> map = _map.Ids(_item);
        int start = 0;
        foreach (string behaviour in _behaviours)
        {
            Histories histories = Table.Behaviour(behaviour);
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
