using Larr.Features;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Ctr.Layers;

/// <summary>
/// Fields whose rows are narrower than the model's embeddings: a trained matrix without a bias takes each row to the embedding dimension, as in mixed dimension
/// embeddings (arXiv 1909.11810). So every backbone, product and gate sees vectors of one length, and a row that is zero stays zero.
/// </summary>
/// <remarks>B rows, F fields, d embedding dimension, W = d, or d + 1 with first-order weights, n &lt; d stored values.</remarks>
public sealed class FieldWidths : nn.Module
{
    readonly ModuleList<Linear> up;
    readonly int[] _layers; // of each field; −1 where its rows have d values
    readonly int _dimension;

    FieldWidths(int[] layers, ModuleList<Linear> layersOf, int dimension) : base(nameof(FieldWidths))
    {
        (_layers, up, _dimension) = (layers, layersOf, dimension);
        RegisterComponents();
    }

    /// <summary>The layers for the fields of <paramref name="map"/>; null where all rows have <paramref name="dimension"/> values.</summary>
    /// <exception cref="Runs.InputException">A field is wider.</exception>
    public static FieldWidths? Create(FeatureMap map, int dimension)
    {
        map.CheckWidths(dimension);
        int[] widths = [.. Enumerable.Range(0, map.Fields.Count + map.Tags.Count).Select(f => map.Width(f, dimension))], layers = new int[widths.Length];
        List<Linear> narrow = [];
        for (int f = 0; f < widths.Length; f++)
        {
            layers[f] = widths[f] == dimension ? -1 : narrow.Count;
            if (layers[f] >= 0) narrow.Add(nn.Linear(widths[f], dimension, hasBias: false));
        }
        return narrow.Count == 0 ? null : new FieldWidths(layers, new ModuleList<Linear>([.. narrow]), dimension);
    }

    /// <summary>Gathered rows of the fields, [B,F,W], zero beyond their widths → [B,F,W].</summary>
    public Tensor Fields(Tensor rows)
    {
        using var scope = NewDisposeScope();
        return stack(Enumerable.Range(0, (int)rows.size(1)).Select(f => Widen(f, rows.select(1, f))), 1).MoveToOuterDisposeScope();
    }

    /// <summary>Gathered rows of one field, [..,W] → [..,W].</summary>
    public Tensor Widen(int field, Tensor rows)
    {
        if (_layers[field] < 0) return rows;
        Linear layer = up[_layers[field]];
        long n = layer.weight!.size(1);
        Tensor wide = layer.forward(rows.narrow(-1, 0, n));
        return rows.size(-1) == _dimension ? wide : cat([wide, rows.narrow(-1, n, 1)], -1);
    }
}
