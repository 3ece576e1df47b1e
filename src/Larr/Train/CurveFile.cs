using System.Text;
using Larr.Runs;

namespace Larr.Train;

/// <summary>
/// The file <c>curve.csv</c> of a training: a header, then one line per logged step, the step first. A resumed training keeps
/// the whole lines of the steps before the one it starts at, so that no step stands there twice.
/// </summary>
public sealed class CurveFile : IDisposable
{
    /// <summary>Name of the file in the stage's folder.</summary>
    public const string FileName = "curve.csv";

    readonly StreamWriter writer;

    /// <summary>Opens the curve of a stage, dropping lines from <paramref name="firstStep"/> on.</summary>
    /// <param name="context">Where the file is.</param>
    /// <param name="header">Names of the columns, joined by commas.</param>
    /// <param name="firstStep">The step that training starts at.</param>
    public CurveFile(StageContext context, string header, long firstStep)
    {
        string path = context.File(FileName);
        int columns = header.Split(',').Length;
        Kept = File.Exists(path) ? [.. File.ReadLines(path).Skip(1).Where(IsBefore)] : [];
        Disk.Real.Replace(path, Encoding.UTF8.GetBytes(string.Concat(Kept.Prepend(header).Select(line => line + "\n"))));
        writer = new StreamWriter(path, append: true) { NewLine = "\n" };

        bool IsBefore(string line) => line.Split(',') is var cells && cells.Length == columns && long.TryParse(cells[0], out long step) && step < firstStep;
    }

    /// <summary>The lines of the steps before the first one.</summary>
    public IReadOnlyList<string> Kept { get; }

    /// <summary>Adds one line, at once visible to others.</summary>
    public void Add(string line)
    {
        writer.WriteLine(line);
        writer.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();
}
