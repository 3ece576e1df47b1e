using Larr.Runs;
using static TorchSharp.torch;

namespace Larr.Benchmarks;

/// <summary>Tensor operations timed on one thread, as training runs them.</summary>
static class OneThread
{
    /// <summary>Sets the process up as the commands do.</summary>
    public static void Prepare()
    {
        NativeMemory.KeepFreed();
        set_num_threads(1);
    }

    /// <summary>One forward and backward pass; freed before it returns.</summary>
    public static void Differentiate(Func<Tensor> compute)
    {
        using var scope = NewDisposeScope();
        compute().sum().backward();
    }
}
