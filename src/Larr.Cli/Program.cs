using Larr.Cli;
using Larr.Runs;

NativeMemory.KeepFreed();
return await CommandLine.RunAsync(args, Console.Out, Console.Error);
