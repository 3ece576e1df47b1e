using Larr.Ctr.Inputs;
using Larr.Data;
using static TorchSharp.torch;

namespace Larr.Ctr;

/// <summary>Predicted probabilities of some rows.</summary>
/// <param name="Click">pCTR per row.</param>
/// <param name="Conversion">pCTCVR = pCTR · pCVR per row; empty where the data has no conversions.</param>
public sealed record CtrPredictions(float[] Click, float[] Conversion)
{
    const int BatchSize = 4096;

    /// <summary>Predicts <paramref name="rows"/> in their order, with the model in evaluation mode.</summary>
    public static CtrPredictions Of(CtrModel model, CtrInputs inputs, ReadOnlySpan<int> rows)
    {
        bool conversions = inputs.Table.Find(Data.FieldRole.Conversion) is not null;
        var predictions = new CtrPredictions(new float[rows.Length], new float[conversions ? rows.Length : 0]);
        Device device = model.parameters().First().device;
        model.eval();
        using var grad = no_grad();
        for (int start = 0; start < rows.Length; start += BatchSize)
        {
            using var scope = NewDisposeScope();
            CtrBatch batch = inputs.Batch(rows.Slice(start, Math.Min(BatchSize, rows.Length - start)), model.Embeddings, device, train: false);
            predictions.Set(start, model.Logits(model.Input(batch, model.SceneVectors(batch))));
        }
        return predictions;
    }

    /// <summary>Writes the probabilities of a batch's logits from row <paramref name="start"/> on.</summary>
    public void Set(int start, CtrLogits logits)
    {
        logits.Click.sigmoid().cpu().data<float>().CopyTo(Click, start);
        if (Conversion.Length > 0) EntireSpace.LogProbability(logits).exp().cpu().data<float>().CopyTo(Conversion, start);
    }

    /// <summary>The predictions at some positions.</summary>
    public CtrPredictions Pick(ReadOnlySpan<int> positions) =>
        new(Columns.Pick<float>(Click, positions), Conversion.Length == 0 ? [] : Columns.Pick<float>(Conversion, positions));

    /// <summary>Puts <paramref name="some"/> predictions at some positions.</summary>
    public void Place(ReadOnlySpan<int> positions, CtrPredictions some)
    {
        for (int i = 0; i < positions.Length; i++)
        {
            Click[positions[i]] = some.Click[i];
            if (Conversion.Length > 0) Conversion[positions[i]] = some.Conversion[i];
        }
    }
}
