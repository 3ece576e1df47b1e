using System.Runtime.InteropServices;
using Larr.Runs;

namespace Larr.Llama;

/// <summary>
/// llama.cpp's native library (<see href="https://github.com/ggml-org/llama.cpp"/>): optional, found in a folder, checked, loaded once per process.
/// Which processor or graphics card computes is decided by the libraries of the folder.
/// </summary>
public static unsafe class LlamaLibrary
{
    static readonly Lazy<LlamaFolder> s_folder = new(Start);
    static readonly Lock s_resolving = new();
    static nint s_llama, s_ggml, s_ggmlBase;

    [ThreadStatic]
    static string? t_complaint;

    /// <summary>Loads the library, if that has not happened.</summary>
    /// <exception cref="InputException">It is missing, broken or of another version; the one line says how to get the right one.</exception>
    public static void Load() => _ = s_folder.Value;

    /// <summary>Why the library cannot be used, or null where it can.</summary>
    public static string? WhyAbsent
    {
        get
        {
            try
            {
                Load();
                return null;
            }
            catch (InputException e)
            {
                return e.Message;
            }
        }
    }

    /// <summary>The folder of the libraries. Throws as <see cref="Load"/>.</summary>
    public static string Folder => s_folder.Value.Path;

    /// <summary>Whether the folder's libraries can use a graphics card of this machine. Throws as <see cref="Load"/>.</summary>
    public static bool HasGpu
    {
        get
        {
            Load();
            return LlamaNative.HasGpu();
        }
    }

    /// <summary>The first error that llama.cpp logged on this thread since the last call, which is the most exact one.</summary>
    internal static string TakeComplaint()
    {
        string complaint = t_complaint ?? "it gives no reason";
        t_complaint = null;
        return complaint;
    }

    /// <summary>Opens and checks the libraries of a folder.</summary>
    /// <exception cref="InputException">A library is missing, cannot be loaded, or is of another version.</exception>
    internal static (nint Llama, nint Ggml, nint GgmlBase) Open(LlamaFolder folder)
    {
        // In the order of their needs, so that each finds those it needs in memory wherever the folder is.
        nint ggmlBase = Open(folder.GgmlBase), ggml = Open(folder.Ggml), llama = Open(folder.Llama);
        LlamaCheck.Check(llama, folder.Llama);
        return (llama, ggml, ggmlBase);
    }

    static LlamaFolder Start()
    {
        LlamaFolder folder = LlamaFolder.Find();
        lock (s_resolving)
        {
            if (s_llama == 0) NativeLibrary.SetDllImportResolver(typeof(LlamaLibrary).Assembly, static (name, _, _) => Resolve(name));
            (s_llama, s_ggml, s_ggmlBase) = Open(folder);
        }
        LlamaNative.SetLog(&Log, null);
        LlamaNative.LoadBackends(folder.Path);
        LlamaNative.Start();
        return folder;
    }

    /// <summary>Other libraries, such as libc, are left to the system (zero).</summary>
    static nint Resolve(string name) => name switch
    {
        LlamaNative.Llama => s_llama,
        LlamaNative.Ggml => s_ggml,
        LlamaNative.GgmlBase => s_ggmlBase,
        _ => 0,
    };

    static nint Open(string file)
    {
        try
        {
            return NativeLibrary.Load(file);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new InputException(file, $"it is no library of this system: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Keeps errors for the exception that follows and drops everything else.</summary>
    [UnmanagedCallersOnly]
    static void Log(int level, byte* text, void* user)
    {
        const int error = 4;
        if (level == error) t_complaint ??= Marshal.PtrToStringUTF8((nint)text)?.Trim().ReplaceLineEndings(" ");
    }
}
