using System.CommandLine;
using Larr.Export;
using Larr.Model;
using Larr.Runs;
using Larr.Tokens;

namespace Larr.Cli.Commands;

/// <summary>The command that lets a model go on from a prompt.</summary>
static class GenerateCommands
{
    public static Command Generate()
    {
        var model = new Argument<string>("model") { Description = "Model folder, or a GGUF file." };
        var prompt = new Option<string>("--prompt") { Description = "Text to go on from. Default: the beginning of a document.", DefaultValueFactory = _ => "" };
        var tokens = new Option<int>("--tokens") { Description = "Most tokens to write; without a prompt the begin token is the first of them. An end token ends the text before.", DefaultValueFactory = _ => 256 };
        var greedy = new Option<bool>("--greedy") { Description = "Always the likeliest token, instead of drawing one." };
        var temperature = new Option<double>("--temperature") { Description = "Below 1 draws surer, above 1 more varied.", DefaultValueFactory = _ => 1 };
        var topP = new Option<double>("--top-p") { Description = "Draws only from the likeliest tokens that together have this probability.", DefaultValueFactory = _ => 0.9 };
        var seed = new Option<int>("--seed") { Description = "The same seed draws the same text.", DefaultValueFactory = _ => 1 };
        var engine = new Option<string?>("--engine") { Description = "What computes: torch or llama (llama.cpp; see scripts/llama-cpp). Default: torch, and llama for a GGUF file." };
        var threads = new Option<int>("--threads") { Description = "Threads of the tensor library.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var command = new Command("generate", "Lets a model go on from a prompt and prints the text.") { model, prompt, tokens, greedy, temperature, topP, seed, engine, threads };
        command.SetAction((parsed, cancel) => Task.Run(() =>
        {
            TorchSharp.torch.set_num_threads(Positive("--threads", parsed.GetValue(threads)));
            Sampler sampler = parsed.GetValue(greedy) ? Sampler.Greedy
                : Sampler.Nucleus(Positive("--temperature", parsed.GetValue(temperature)), Share("--top-p", parsed.GetValue(topP)), parsed.GetValue(seed));
            string text = parsed.GetValue(prompt)!;
            int most = Positive("--tokens", parsed.GetValue(tokens)) - (text.Length == 0 ? 1 : 0);
            var request = new GenerateRequest(parsed.GetValue(model)!, text, most, sampler, parsed.GetValue(threads), cancel);
            TextWriter output = parsed.InvocationConfiguration.Output;
            foreach (string piece in Run(parsed.GetValue(engine) ?? (File.Exists(request.Model) ? "llama" : "torch"), request))
            {
                output.Write(piece);
                output.Flush();
            }
            output.WriteLine();
            return 0;
        }, CancellationToken.None));
        return command;
    }

    /// <summary>The text after the prompt, piece by piece.</summary>
    static IEnumerable<string> Run(string engine, GenerateRequest request) => engine switch
    {
        "torch" => Torch(request),
        "llama" => LlamaGeneration.Run(request),
        _ => throw new InputException("--engine", "value", engine, "torch or llama"),
    };

    static IEnumerable<string> Torch(GenerateRequest request)
    {
        (Decoder decoder, TextTokenizer tokenizer) = File.Exists(request.Model) ? GgufModel.Load(request.Model) : HuggingFaceFolder.Load(request.Model);
        using Decoder owned = decoder;
        int[] prompt = [.. tokenizer.BeginId is { } begin ? new[] { begin } : [], .. tokenizer.Encode(request.Prompt)];
        if (prompt.Length == 0) prompt = [tokenizer.EndId];
        int room = decoder.Config.MaxLength - prompt.Length;
        if (request.Tokens > room) throw new InputException("--tokens", "value", $"{request.Tokens}", $"at most {room}: the model reads {decoder.Config.MaxLength} tokens, {prompt.Length} of them the prompt's");
        // A model that begins a new document has ended this one.
        HashSet<int> ends = [tokenizer.EndId, tokenizer.BeginId ?? tokenizer.EndId];
        var stream = new StreamingDecoder(tokenizer, prompt);
        foreach (int id in Continuation.Of(decoder, prompt, request.Tokens, request.Sampler, ends, request.Cancel)) yield return stream.Next(id);
        yield return stream.End();
    }

    static int Positive(string option, int value) => value > 0 ? value : throw new InputException(option, "value", $"{value}", "a whole number of at least 1");

    static double Positive(string option, double value) => value > 0 && double.IsFinite(value) ? value : throw new InputException(option, "value", $"{value}", "a number above 0");

    static double Share(string option, double value) => value is > 0 and <= 1 ? value : throw new InputException(option, "value", $"{value}", "a number above 0 and at most 1");
}
