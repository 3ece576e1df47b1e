using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using Larr.Benchmarks;
using Larr.Runs;

// "micro" hands over to BenchmarkDotNet; every other name is a whole-job benchmark with one line of JSON as its result.
if (args is ["micro", .. string[] micro])
{
    // TorchSharp's package is not compiled for speed, which BenchmarkDotNet would refuse; its natives are.
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(micro, DefaultConfig.Instance.WithOptions(ConfigOptions.DisableOptimizationsValidator));
    return 0;
}
var root = new RootCommand("Speed of LARR, measured. Each benchmark compares ways of doing one job in one process.");
root.Subcommands.Add(PretrainBench.Make());
root.Subcommands.Add(new Command("micro", "Small measurements through BenchmarkDotNet; its options follow."));
root.Subcommands.Add(TokenizeBench.Tokenize());
root.Subcommands.Add(LoadBench.Load());
root.Subcommands.Add(EmbedBench.Command());
root.Subcommands.Add(IndexBench.Command());
root.Subcommands.Add(CheckIndex.Command());
root.Subcommands.Add(CheckIndex.Victim());
root.Subcommands.Add(CheckFeatures.Command());
root.Subcommands.Add(CheckFeatures.Victim());
root.Subcommands.Add(CtrBench.Command());
root.Subcommands.Add(MetricSamples.Command());
root.Subcommands.Add(SceneBench.Command());
root.Subcommands.Add(FeaturesBench.Command());
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (InputException e)
{
    await Console.Error.WriteLineAsync($"bench: {e.Message}");
    return 2;
}
