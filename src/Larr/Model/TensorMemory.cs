using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Where a tensor's numbers lie, for kernels. The tensor must outlive their work.</summary>
static unsafe class TensorMemory
{
    const long MostElements = 1 << 28; // a span counts its bytes in 32 bits

    /// <summary>Can kernels read the tensor: on the processor, and in one of their types?</summary>
    public static bool IsForKernels(this Tensor tensor) => tensor.device_type == DeviceType.CPU && tensor.dtype is ScalarType.Float32 or ScalarType.BFloat16;

    /// <summary>The first number of a contiguous tensor on the processor.</summary>
    public static void* Address(this Tensor tensor)
    {
        if (tensor.numel() < MostElements) return Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
        using Tensor flat = tensor.view(-1), first = flat.narrow(0, 0, 1);
        return Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }

    /// <summary><see cref="Address"/> as float32.</summary>
    public static float* Floats(this Tensor tensor) => (float*)tensor.Address();
}
