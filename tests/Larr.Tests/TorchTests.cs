namespace Larr.Tests;

/// <summary>Tests that use libtorch run one after the other: its thread pool and random state belong to the process.</summary>
[CollectionDefinition("torch", DisableParallelization = true)]
public sealed class TorchTests;
