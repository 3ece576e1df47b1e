using System.Text;
using Larr.Export;
using Larr.Gguf;
using Larr.Llama;
using Larr.Model;
using Larr.Runs;

namespace Larr.Cli.Commands;

/// <summary>Lets llama.cpp go on from a prompt: a GGUF file as it is, a model folder through a temporary export in float32.</summary>
static class LlamaGeneration
{
    /// <summary>The text after the prompt, piece by piece.</summary>
    public static IEnumerable<string> Run(GenerateRequest request)
    {
        LlamaLibrary.Load();
        string? exported = Directory.Exists(request.Model) ? Export(request.Model) : null;
        try
        {
            using var model = new LlamaModel(exported ?? request.Model, new LlamaConfig { Threads = request.Threads });
            foreach (string piece in Run(model, request)) yield return piece;
        }
        finally
        {
            if (exported is not null) File.Delete(exported);
        }
    }

    static IEnumerable<string> Run(LlamaModel model, GenerateRequest request)
    {
        int[] prompt = model.Tokenize(request.Prompt, begin: true, special: true);
        if (prompt.Length == 0) prompt = [model.BeginToken];
        int room = model.MaxLength - prompt.Length;
        if (request.Tokens > room) throw new InputException("--tokens", "value", $"{request.Tokens}", $"at most {room}: the model reads {model.MaxLength} tokens, {prompt.Length} of them the prompt's");
        using LlamaContext context = model.NewContext(new LlamaContextConfig { Tokens = prompt.Length + request.Tokens, Exact = true });
        var characters = Encoding.UTF8.GetDecoder();
        bool strip = request.Prompt.Length == 0 && model.AddsSpace;
        foreach (int token in context.Continue(prompt, request.Sampler.Choose).Take(request.Tokens))
        {
            request.Cancel.ThrowIfCancellationRequested();
            // A model that begins a new document has ended this one.
            if (model.IsEnd(token) || token == model.BeginToken) break;
            yield return Text(model.Bytes(token, strip), flush: false);
            strip = false;
        }
        yield return Text([], flush: true);

        string Text(byte[] bytes, bool flush)
        {
            char[] text = new char[bytes.Length + 4];
            return new string(text, 0, characters.GetChars(bytes, text.AsSpan(), flush));
        }
    }

    static string Export(string folder)
    {
        string file = Path.Combine(Path.GetTempPath(), $"larr-{Guid.NewGuid():N}.gguf");
        (var decoder, var tokenizer) = HuggingFaceFolder.Load(ModelFolder.Find(folder));
        using (decoder) GgufExport.Write(decoder, tokenizer, file, GgmlType.F32, headless: false);
        return file;
    }
}
