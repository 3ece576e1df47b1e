using System.CommandLine;
using Larr.Export;
using Larr.Gguf;
using Larr.Model;
using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Cli.Commands;

/// <summary>Takes a model out to other tools.</summary>
static class ExportCommands
{
    public static Command Export()
    {
        var command = new Command("export", "Writes a model for other tools.");
        command.Subcommands.Add(Gguf());
        command.Subcommands.Add(HuggingFace());
        return command;
    }

    static Command Gguf()
    {
        Argument<string> model = Model(), output = new("out") { Description = "The GGUF file to write." };
        Option<string> type = Type();
        var headless = new Option<bool>("--headless") { Description = "Without output head, for embeddings (architecture llama-embed where the model is a Llama)." };
        var command = new Command("gguf", "Writes a GGUF file for llama.cpp.") { model, output, type, headless };
        command.SetAction(parsed =>
        {
            GgmlType stored = Of(parsed.GetValue(type)!, GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0, GgmlType.Q4_0);
            string folder = ModelFolder.Find(parsed.GetValue(model)!), file = parsed.GetValue(output)!;
            if (TextEncoder.AttentionOf(folder) != TextAttention.Causal)
                throw new InputException(folder, "attention", "bidirectional", "causal: the file would be read with causal attention");
            (Decoder decoder, var tokenizer) = HuggingFaceFolder.Load(folder);
            using (decoder) GgufExport.Write(decoder, tokenizer, file, stored, parsed.GetValue(headless));
            Say(parsed, file, new FileInfo(file).Length);
        });
        return command;
    }

    static Command HuggingFace()
    {
        Argument<string> model = Model(), output = new("out") { Description = "The folder to write; new or empty." };
        Option<string> type = Type();
        var command = new Command("hf", "Writes a plain Hugging Face folder.") { model, output, type };
        command.SetAction(parsed =>
        {
            string folder = parsed.GetValue(output)!;
            HuggingFaceExport.Write(parsed.GetValue(model)!, folder, Of(parsed.GetValue(type)!, GgmlType.F32, GgmlType.F16, GgmlType.BF16) switch
            {
                GgmlType.F16 => ScalarType.Float16,
                GgmlType.BF16 => ScalarType.BFloat16,
                _ => ScalarType.Float32,
            });
            Say(parsed, folder, new DirectoryInfo(folder).EnumerateFiles().Sum(f => f.Length));
        });
        return command;
    }

    static Argument<string> Model() => new("model") { Description = "A model folder, or the artefact of pre-training or contrast." };

    static Option<string> Type() => new("--type") { Description = "Type of the matrices: f32, f16, bf16, and q8_0 or q4_0 in GGUF.", DefaultValueFactory = _ => "f32" };

    static GgmlType Of(string name, params GgmlType[] types)
    {
        foreach (GgmlType type in types)
            if (type.ToString().Equals(name, StringComparison.OrdinalIgnoreCase)) return type;
        throw new InputException("--type", "value", name, "one of " + string.Join(", ", types).ToLowerInvariant());
    }

    static void Say(ParseResult parsed, string written, long bytes) => parsed.InvocationConfiguration.Output.WriteLine($"{written}: {bytes:N0} bytes");
}
