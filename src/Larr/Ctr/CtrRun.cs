using System.Text.Json.Serialization;
using Larr.Data;

namespace Larr.Ctr;

/// <summary>A finished training.</summary>
/// <param name="Model">The model with its best weights; the caller disposes it.</param>
/// <param name="Curve">One entry per epoch.</param>
/// <param name="TestRows">The test rows, ascending.</param>
/// <param name="Test">Their predictions, in that order.</param>
/// <param name="Report">The figures.</param>
public sealed record CtrRun(CtrModel Model, IReadOnlyList<CtrEpoch> Curve, int[] TestRows, CtrPredictions Test, CtrReport Report);

/// <summary>The figures of a training.</summary>
/// <param name="Validation">Metrics of the validation rows with the best weights.</param>
/// <param name="Test">Metrics of the test rows with the best weights.</param>
/// <param name="Curve">One entry per epoch.</param>
/// <param name="TrainRows">Training rows.</param>
/// <param name="DistinctScenes">Distinct scenes among all rows; 0 without scene vectors.</param>
/// <param name="TrainableParameters">Trained values, embeddings included.</param>
/// <param name="RowsPerSecond">Training rows per second of training steps.</param>
/// <param name="TestSlices">Metrics of parts of the test rows.</param>
/// <param name="UnseenShare">Share of the test rows' values, per field, that the training part does not know.</param>
/// <param name="WithoutVector">Rows of each part whose value has no vector, per embedding field; null where there is no such field.</param>
public sealed record CtrReport(
    CtrMetrics Validation,
    CtrMetrics Test,
    IReadOnlyList<CtrEpoch> Curve,
    int TrainRows,
    int DistinctScenes,
    long TrainableParameters,
    double RowsPerSecond,
    IReadOnlyList<CtrSlice>? TestSlices = null,
    IReadOnlyDictionary<string, double>? UnseenShare = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, IReadOnlyDictionary<Part, int>>? WithoutVector = null);
