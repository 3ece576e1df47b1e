namespace Larr.Train;

/// <summary>Remembers the best validation score of a training and says when to stop.</summary>
/// <param name="patience">Epochs in a row without a better score after which to stop; one at least.</param>
/// <param name="minDelta">How much more than the best score so far is better; a rise of just this much, or less, is none.</param>
public sealed class EarlyStopping(int patience, double minDelta = 0)
{
    /// <summary>The best score so far.</summary>
    public double Best { get; private set; } = double.NegativeInfinity;

    /// <summary>Epochs since the best score.</summary>
    public int Since { get; private set; }

    /// <summary>Whether patience is at its end.</summary>
    public bool Stop => Since >= Math.Max(1, patience);

    /// <summary>Takes the score of one more epoch; true where it is better than the best one so far.</summary>
    public bool Improves(double score)
    {
        bool better = score > Best + minDelta;
        Since = better ? 0 : Since + 1;
        if (better) Best = score;
        return better;
    }

    /// <summary>Goes on from where an interrupted training was.</summary>
    public void Resume(double best, int since) => (Best, Since) = (best, since);
}
