using System.CommandLine;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Larr.Experiments;
using Larr.Llama;
using Larr.Report;
using Larr.Runs;

namespace Larr.Cli.Commands;

/// <summary>Commands without an experiment: schema, doctor, readme.</summary>
static class MachineCommands
{
    public static Command Schema()
    {
        var command = new Command("schema", "Prints the JSON schema of experiment files.");
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(ConfigReader.Schema<Experiment>().ToJsonString(ConfigReader.Json)));
        return command;
    }

    public static Command Doctor()
    {
        var command = new Command("doctor", "Says what this machine has of what LARR uses.");
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"system      {RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}");
            output.WriteLine($"cores       {Environment.ProcessorCount}");
            output.WriteLine($"memory      {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20:N0} MiB");
            output.WriteLine($"AVX-512     {(Avx512F.IsSupported ? "yes" : "no")}");
            output.WriteLine($"libtorch    {TorchSharp.torch.__version__}, a product of two ones is {TorchSharp.torch.ones(1).mul(TorchSharp.torch.ones(1)).item<float>()}");
            output.WriteLine($"OpenMP      {(Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") == "passive" ? "waits passively" : "OMP_WAIT_POLICY is not 'passive': several processes on few cores will be slow")}");
            output.WriteLine($"llama.cpp   {LlamaLibrary.WhyAbsent ?? $"{LlamaLibrary.Folder}{(LlamaLibrary.HasGpu ? ", with a graphics card" : "")}"}");
            output.WriteLine($"LARR_DATA   {Environment.GetEnvironmentVariable("LARR_DATA") switch { null => "not set", var f when Directory.Exists(f) => f, var f => f + " (absent)" }}");
            output.WriteLine($"commit      {GitCommit.Current}");
        });
        return command;
    }

    public static Command Readme()
    {
        var file = new Argument<string>("file") { Description = "Markdown file with <!-- table PATH --> marks." };
        var command = new Command("readme", "Makes the result tables of a Markdown file anew from the committed results.") { file };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            if (!File.Exists(path)) throw new InputException(path, "no such file");
            File.WriteAllText(path, ReadmeTables.Fill(path));
        });
        return command;
    }
}
