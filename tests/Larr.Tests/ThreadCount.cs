using static TorchSharp.torch;

namespace Larr.Tests;

/// <summary>Puts the tensor library's number of threads back when a test that changes it ends.</summary>
sealed class ThreadCount : IDisposable
{
    readonly int _before = get_num_threads();

    public void Dispose() => set_num_threads(_before);
}
