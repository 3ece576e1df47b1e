using System.Runtime.InteropServices;
using Larr.Llama;
using Larr.Runs;

namespace Larr.Tests.Llama;

/// <summary>The library is found by pattern; a missing, broken or other one is refused in one line that says how to get the right one.</summary>
public sealed unsafe class LlamaLibraryTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public LlamaLibraryTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "file names and libraries of Linux");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_carry_the_version_and_further_words_are_other_libraries()
    {
        foreach (string name in new[] { "libllama.v0.5.0.so", "libllama-common.so", "libggml.v0.5.0.so", "libggml-base.so", "libggml-cpu-x64.so" }) _folder.Write(name, "");
        LlamaFolder found = LlamaFolder.Open(_folder.Path);
        Assert.Equal((_folder.At("libllama.v0.5.0.so"), _folder.At("libggml.v0.5.0.so"), _folder.At("libggml-base.so")), (found.Llama, found.Ggml, found.GgmlBase));
    }

    [Fact]
    public void A_missing_library_is_one_line_that_says_how_to_get_it()
    {
        _folder.Write("libllama.so", "");
        string message = Assert.Throws<InputException>(() => LlamaFolder.Open(_folder.Path)).Message;
        Assert.Equal($"{_folder.Path}: no library libggml here: scripts/llama-cpp fetches it, or LARR_LLAMA names the folder that holds it", message);
    }

    [Theory]
    [InlineData("no library", "it is no library of this system")]
    [InlineData("libm", "no function llama_version in it; expected llama.cpp 0.5.0, which scripts/llama-cpp fetches")]
    public void A_wrong_file_is_refused(string content, string says)
    {
        const string other = "/lib/x86_64-linux-gnu/libm.so.6";
        Assert.SkipUnless(File.Exists(other), $"{other} is not there");
        foreach (string name in new[] { "libggml-base.so", "libggml.so", "libllama.so" })
        {
            if (content == "libm") File.Copy(other, _folder.At(name));
            else _folder.Write(name, content);
        }
        string message = Assert.Throws<InputException>(() => LlamaLibrary.Open(LlamaFolder.Open(_folder.Path))).Message;
        Assert.Contains(says, message);
        Assert.DoesNotContain("\n", message);
    }

    [Fact]
    public void What_a_function_writes_shows_the_size_of_its_structure()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the check is for x64");
        Assert.Equal(80, LlamaCheck.Written(&WriteModelParams));
        Assert.Equal(0, LlamaCheck.Written(&WriteNothing));
    }

    /// <summary>As the model's parameters: the last two of 80 bytes are padding, which may stay unwritten.</summary>
    [UnmanagedCallersOnly]
    static byte* WriteModelParams(byte* to)
    {
        new Span<byte>(to, 78).Clear();
        return to;
    }

    [UnmanagedCallersOnly]
    static byte* WriteNothing(byte* to) => to;

    [Fact]
    public void Structures_have_the_layout_of_the_header()
    {
        Assert.Equal((80, 160, 56), (sizeof(LlamaModelParams), sizeof(LlamaContextParams), sizeof(LlamaBatchArgs)));
        Assert.Equal("GpuLayers 16, MainGpu 32, TensorSplit 40, KeyOverrides 64, VocabularyOnly 72", Offsets<LlamaModelParams>("GpuLayers", "MainGpu", "TensorSplit", "KeyOverrides", "VocabularyOnly"));
        Assert.Equal(
            "Threads 28, Pooling 44, FlashAttention 52, RopeFrequencyBase 56, EvalCallback 88, KeyType 104, AbortCallback 112, Embeddings 128, UnifiedKeyValues 133, Samplers 136, Other 152",
            Offsets<LlamaContextParams>("Threads", "Pooling", "FlashAttention", "RopeFrequencyBase", "EvalCallback", "KeyType", "AbortCallback", "Embeddings", "UnifiedKeyValues", "Samplers", "Other"));
        Assert.Equal("Token 8, Output 48", Offsets<LlamaBatchArgs>("Token", "Output"));

        static string Offsets<T>(params string[] fields) => string.Join(", ", fields.Select(f => $"{f} {Marshal.OffsetOf<T>(f)}"));
    }

    [Fact]
    public void A_file_that_is_no_model_is_refused_with_llama_cpps_own_reason()
    {
        Assert.SkipWhen(LlamaLibrary.WhyAbsent is not null, LlamaLibrary.WhyAbsent ?? "");
        string file = _folder.Write("x.gguf", "GGUF and nothing else");
        string message = Assert.Throws<InputException>(() => new LlamaModel(file)).Message;
        Assert.StartsWith($"{file}: llama.cpp cannot load it: ", message);
        Assert.DoesNotContain("\n", message);
        Assert.Contains("file not found", Assert.Throws<InputException>(() => new LlamaModel(_folder.At("none.gguf"))).Message);
    }
}
