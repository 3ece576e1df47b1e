namespace Larr.Llama;

/// <summary>How llama.cpp computes.</summary>
public sealed record LlamaConfig
{
    /// <summary>Threads. Default: 0, one for each core.</summary>
    public int Threads { get; init; }

    /// <summary>Layers that a graphics card computes, where the libraries of the folder know one. Default: 0, all on the processor; −1: all on the card.</summary>
    public int GpuLayers { get; init; }

    internal int ThreadCount => Threads > 0 ? Threads : Environment.ProcessorCount;
}
