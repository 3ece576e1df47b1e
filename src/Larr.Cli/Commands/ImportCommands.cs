using System.CommandLine;
using Larr.Model;

namespace Larr.Cli.Commands;

/// <summary>Commands that turn models of other tools into Hugging Face folders.</summary>
static class ImportCommands
{
    public static Command Import()
    {
        var command = new Command("import", "Turns a model of another tool into a Hugging Face folder.");
        command.Subcommands.Add(Llama2c());
        return command;
    }

    static Command Llama2c()
    {
        var weights = new Argument<string>("weights") { Description = "llama2.c's model file (version 0), such as stories260K.bin." };
        var tokenizer = new Argument<string>("tokenizer") { Description = "Its tokenizer file, such as tok512.bin." };
        var folder = new Argument<string>("folder") { Description = "Folder to write, which is not there yet." };
        var command = new Command("llama2c", "Turns a llama2.c model into a Hugging Face folder.") { weights, tokenizer, folder };
        command.SetAction(parsed =>
        {
            Llama2cImport.Run(parsed.GetValue(weights)!, parsed.GetValue(tokenizer)!, parsed.GetValue(folder)!);
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(folder));
        });
        return command;
    }
}
