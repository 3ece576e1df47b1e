using Larr.Model;
using Larr.Runs;
using Larr.Tokens;

namespace Larr.Pretrain;

/// <summary>
/// Makes a small base model from nothing: trains a byte-level BPE tokenizer on general text, then a decoder on the same text.
/// The model in <c>models/</c> was made by it.
/// </summary>
public static class BaseModelStage
{
    /// <summary>Changes when the same inputs give another result.</summary>
    public const int Version = 3;

    /// <summary>Trains and writes <c>model/</c>, <c>curve.csv</c> and <c>report.json</c>; "before" is the random model.</summary>
    /// <param name="config">Shape and training.</param>
    /// <param name="generalFile">Documents, one per line.</param>
    /// <param name="heldOutFile">Documents that are not trained on, one per line.</param>
    /// <param name="context">Where to write and resume.</param>
    /// <exception cref="InputException">A file is missing or malformed.</exception>
    public static PretrainReport Run(BaseModelConfig config, string generalFile, string heldOutFile, StageContext context)
    {
        List<string> documents = Documents.Read(generalFile), heldOut = Documents.Read(heldOutFile);
        context.Report("training the tokenizer");
        TextTokenizer tokenizer = TextTokenizer.Train(documents, config.Shape.VocabularySize, ["<|endoftext|>"]);
        using var decoder = new Decoder(config.Shape with { VocabularySize = tokenizer.VocabularySize }, context.Seed);
        return PretrainStage.Train(config.Training, decoder, tokenizer, new PretrainStage.Texts(documents, heldOut, [], [], [], "none"), context);
    }
}
