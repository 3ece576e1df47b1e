using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Larr.Runs;

namespace Larr.Llama;

/// <summary>Refuses a library whose version or structures are not those that the calls here are made for: another layout would write beyond them.</summary>
static unsafe class LlamaCheck
{
    /// <summary>The version that the structures are of.</summary>
    public const string Version = "0.5.0";

    const int Room = 1024;

    /// <exception cref="InputException">The library is no llama.cpp, or another one.</exception>
    public static void Check(nint library, string file)
    {
        string expected = $"llama.cpp {Version}, which scripts/llama-cpp fetches";
        string version = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)Export("llama_version"))()) ?? "none";
        if (version != Version && !version.StartsWith(Version + "-", StringComparison.Ordinal)) throw new InputException(file, "version", version, expected);
        // A structure this large is returned through a hidden pointer; on x64 that is an ordinary first argument, so the call can be made
        // with ample room, and what it writes shows its size. Elsewhere the version has to do.
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) return;
        CheckSize("llama_model_default_params", Unsafe.SizeOf<LlamaModelParams>());
        CheckSize("llama_context_default_params", Unsafe.SizeOf<LlamaContextParams>());

        void CheckSize(string name, int size)
        {
            int written = Written((delegate* unmanaged<byte*, byte*>)Export(name));
            if (written != size) throw new InputException(file, name, $"a structure of {written} bytes", $"{size} bytes as in {expected}");
        }

        nint Export(string name) => NativeLibrary.TryGetExport(library, name, out nint address)
            ? address : throw new InputException(file, $"no function {name} in it; expected {expected}");
    }

    /// <summary>Bytes that a function writes, up to the next multiple of eight: seen by calling it over two different fillings.</summary>
    public static int Written(delegate* unmanaged<byte*, byte*> function)
    {
        byte* first = stackalloc byte[Room], second = stackalloc byte[Room];
        new Span<byte>(first, Room).Fill(0x5a);
        new Span<byte>(second, Room).Fill(0xa5);
        _ = function(first);
        _ = function(second);
        int end = Room;
        while (end > 0 && first[end - 1] == 0x5a && second[end - 1] == 0xa5) end--;
        return (end + 7) / 8 * 8;
    }
}
