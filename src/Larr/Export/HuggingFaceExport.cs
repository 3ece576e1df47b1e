using Larr.Model;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Export;

/// <summary>Writes a plain Hugging Face folder, which any tool reads, of a model folder of ours: an encoder's pooling and projection are left out.</summary>
public static class HuggingFaceExport
{
    /// <summary>Writes the folder, aside first.</summary>
    /// <param name="model">A model folder or an artefact that holds one; see <see cref="ModelFolder"/>.</param>
    /// <param name="folder">The folder to write; new or empty.</param>
    /// <param name="type">float32, float16 or bfloat16.</param>
    /// <exception cref="InputException">There is no model, or the folder holds files.</exception>
    public static void Write(string model, string folder, ScalarType type)
    {
        (Decoder decoder, var tokenizer) = HuggingFaceFolder.Load(ModelFolder.Find(model));
        using (decoder) WholeFolder.Write(folder, aside => HuggingFaceFolder.Save(decoder, tokenizer, aside, type));
    }
}
