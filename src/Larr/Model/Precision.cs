using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Larr.Model;

/// <summary>Type of the matrix products; master weights, norms and losses are float32 in any case.</summary>
public enum Precision
{
    /// <summary>bfloat16 where the processor multiplies it (Linux names avx512_bf16 or amx_bf16), else float32.</summary>
    Auto,

    /// <summary>float32.</summary>
    Float32,

    /// <summary>bfloat16.</summary>
    BFloat16,
}

/// <summary>The tensor type of a <see cref="Precision"/>.</summary>
public static class PrecisionTypes
{
    /// <summary>The type on this machine.</summary>
    public static ScalarType Type(this Precision precision) => precision switch
    {
        Precision.Float32 => ScalarType.Float32,
        Precision.BFloat16 => ScalarType.BFloat16,
        _ => Multiplies ? ScalarType.BFloat16 : ScalarType.Float32,
    };

    /// <summary>Whether the processor multiplies bfloat16 in tiles of its own (AMX).</summary>
    internal static bool HasTiles { get; } = HasFlag("amx_bf16");

    static bool Multiplies { get; } = HasTiles || HasFlag("avx512_bf16");

    static bool HasFlag(string flag) =>
        RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && File.Exists("/proc/cpuinfo")
        && File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal)) is { } flags
        && flags.Contains(flag, StringComparison.Ordinal);
}
