using System.Runtime.InteropServices;

namespace Larr.Llama;

// Layouts of llama.h in llama.cpp 0.5.0. Always begin from the library's own defaults; LlamaCheck refuses a library with other sizes.

[StructLayout(LayoutKind.Sequential)]
struct LlamaModelParams
{
    public nint Devices, TensorBufferOverrides;
    public int GpuLayers, SplitMode, LoadMode, LazyMode, MainGpu;
    public nint TensorSplit, ProgressCallback, ProgressUserData, KeyOverrides;
    public byte VocabularyOnly, CheckTensors, UseExtraBuffers, NoHost, NoAllocation, LoadMtp;
}

[StructLayout(LayoutKind.Sequential)]
struct LlamaContextParams
{
    public uint Context, Batch, MicroBatch, MaxSequences, RecurrentSequences, MaxOutputs, MaxOutputsPerSequence;
    public int Threads, ThreadsBatch, ContextType, RopeScaling, Pooling, Attention, FlashAttention;
    public float RopeFrequencyBase, RopeFrequencyScale, YarnExt, YarnAttention, YarnBetaFast, YarnBetaSlow;
    public uint YarnOriginalContext;
    public float DefragThreshold;
    public nint EvalCallback, EvalUserData;
    public int KeyType, ValueType;
    public nint AbortCallback, AbortUserData;
    public byte Embeddings, OffloadKeyValues, NoPerformance, OffloadOperations, FullSlidingWindow, UnifiedKeyValues;
    public nint Samplers;
    public nuint SamplerCount;
    public nint Other;
}

[StructLayout(LayoutKind.Sequential)]
unsafe struct LlamaBatchArgs
{
    public int Count;
    public int* Token;
    public float* Embedding;
    public int* Position;
    public int* SequenceCount;
    public int** Sequence;
    public sbyte* Output;
}
