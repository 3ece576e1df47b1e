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
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new InputException(folder, "it is there already; expected a new or empty folder");
        (Decoder decoder, var tokenizer) = HuggingFaceFolder.Load(ModelFolder.Find(model));
        string aside = Path.TrimEndingDirectorySeparator(folder) + ".partial";
        try
        {
            using (decoder) HuggingFaceFolder.Save(decoder, tokenizer, aside, type);
            if (Directory.Exists(folder)) Directory.Delete(folder);
            Directory.Move(aside, folder);
        }
        catch
        {
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
            throw;
        }
    }
}
