using System.Text.Json;

namespace Larr.Runs;

/// <summary>How far a stage is: a short text, and the finished share in [0, 1] where it is known.</summary>
public readonly record struct StageProgress(string Text, double? Fraction = null);

/// <summary>What a stage is given to run: where to write, its seed, whom to tell, and when to stop.</summary>
/// <param name="Folder">
/// The folder to write into. It is renamed to its final name when the stage returns. A resumable stage finds here
/// what an interrupted run of the same inputs left behind.
/// </param>
/// <param name="Seed">Seed of every random choice of the stage.</param>
/// <param name="Progress">Receives short progress reports.</param>
/// <param name="Cancel">Asks the stage to stop by throwing <see cref="OperationCanceledException"/>.</param>
public sealed record StageContext(string Folder, int Seed, IProgress<StageProgress> Progress, CancellationToken Cancel)
{
    /// <summary>Name of the file that holds a stage's figures.</summary>
    public const string ReportFile = "report.json";

    /// <summary>Path of a file in <see cref="Folder"/>.</summary>
    public string File(string name) => Path.Combine(Folder, name);

    /// <summary>Writes the stage's figures as <see cref="ReportFile"/>.</summary>
    public void WriteReport<T>(T report) => System.IO.File.WriteAllBytes(File(ReportFile), JsonSerializer.SerializeToUtf8Bytes(report, ConfigReader.Json));

    /// <summary>Reads the figures of the stage whose folder this is.</summary>
    public static T ReadReport<T>(string folder) => ConfigReader.Read<T>(Path.Combine(folder, ReportFile), []);

    /// <summary>Reports a line of progress.</summary>
    public void Report(string text, double? fraction = null) => Progress.Report(new StageProgress(text, fraction));
}
