using Larr.Runs;
using Larr.Tokens;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Turns a llama2.c model into a Hugging Face folder.</summary>
public static class Llama2cImport
{
    /// <summary>Writes config.json, tokenizer.json and model.safetensors in float32; the folder appears when it is whole.</summary>
    /// <param name="weights">The weights, see <see cref="Llama2cWeights"/>.</param>
    /// <param name="tokenizer">The vocabulary, see <see cref="Llama2cVocabulary"/>.</param>
    /// <param name="folder">The folder, which is not there yet.</param>
    /// <exception cref="InputException">A file is malformed, or the folder is there.</exception>
    public static void Run(string weights, string tokenizer, string folder)
    {
        using Decoder decoder = Llama2cWeights.Read(weights);
        TextTokenizer read = TextTokenizer.Of(Llama2cVocabulary.Read(tokenizer, decoder.Config.VocabularySize));
        WholeFolder.Write(folder, aside => HuggingFaceFolder.Save(decoder, read, aside, ScalarType.Float32));
    }
}
