using Larr.Align;
using Larr.Ctr;
using Larr.Runs;

namespace Larr.Adapt;

/// <summary>The baseline of adaptation: a copy of the whole model, embeddings included, trained on with one domain's rows.</summary>
static class FineTuning
{
    /// <summary>Fine-tunes on a domain's rows, predicts its test rows, and puts the model's own weights back.</summary>
    /// <returns>The predictions of <paramref name="test"/>.</returns>
    internal static CtrPredictions Predict(CtrModel model, CtrInputs inputs, AdaptConfig config, int[] train, int[] validation, int[] test, StageContext context)
    {
        using var own = new BestWeights(model, model.Embeddings);
        own.Keep();
        CtrConfig tuning = model.Config with
        {
            LearningRate = config.FineTuneLearningRate,
            Epochs = config.FineTuneEpochs,
            Patience = config.Patience,
            BatchSize = config.BatchSize,
        };
        var quiet = context with { Progress = new Progress<StageProgress>() };
        new CtrFit(model, inputs, train, validation).Run(tuning, context.Seed, fromHere: true, quiet);
        CtrPredictions predictions = CtrPredictions.Of(model, inputs, test);
        own.Restore();
        return predictions;
    }
}
