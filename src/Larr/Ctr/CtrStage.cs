using Larr.Align;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Runs;

namespace Larr.Ctr;

/// <summary>
/// Trains and saves a click model. Writes the model (<see cref="CtrModelFolder"/>), <c>report.json</c> and the predictions of the test
/// rows in table order: <c>test-click.f32</c> and, with conversions, <c>test-ctcvr.f32</c>.
/// </summary>
public static class CtrStage
{
    /// <summary>Raised when the same inputs give other outputs.</summary>
    public const int Version = 13;

    /// <summary>Runs the stage; see <see cref="CtrTrainer.Train"/> for the parameters.</summary>
    public static CtrReport Run(CtrConfig config, AlignConfig align, ImpressionTable table, SceneVectors? vectors, string? alignFolder, StageContext context, TextFeatures? texts = null,
        FieldVectors? fieldVectors = null)
    {
        CtrRun run = CtrTrainer.Train(table, config, align, vectors, context.Seed, alignFolder, context, context.Folder, texts, fieldVectors);
        using CtrModel model = run.Model;
        CtrModelFolder.Save(model, context.Folder);
        ColumnFile<float>.Write(context.File("test-click.f32"), run.Test.Click);
        if (run.Test.Conversion.Length > 0) ColumnFile<float>.Write(context.File("test-ctcvr.f32"), run.Test.Conversion);
        context.WriteReport(run.Report);
        CtrCheckpoint.Clear(context.Folder);
        return run.Report;
    }
}
