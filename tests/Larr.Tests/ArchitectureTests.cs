using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Larr.Runs;

namespace Larr.Tests;

/// <summary>The folder tree is the pipeline: a stage uses the shared folders below it and earlier stages, never a later one.</summary>
public sealed class ArchitectureTests
{
    /// <summary>Every folder of the library, each using only those before it.</summary>
    static readonly string[] s_order =
    [
        "Runs", "Stats", "Tokens", "Kernels", "Gguf", "Llama", "Model", "Export", "Train",
        "Simulate", "Data", "Corpus", "Pretrain", "Contrast", "Embed", "Index", "Features", "Align", "Ctr", "Serve", "Adapt", "Report", "Experiments",
    ];

    static readonly string[] s_withoutTorch = ["Runs", "Stats", "Tokens", "Kernels", "Gguf", "Llama", "Simulate", "Data", "Corpus", "Index", "Serve", "Report"];

    static readonly Architecture s_architecture = new ArchLoader()
        .LoadAssemblies(typeof(InputException).Assembly, typeof(TorchSharp.torch).Assembly).Build();

    [Fact]
    public void No_folder_uses_a_later_one()
    {
        string[] wrong =
        [
            .. from use in Uses()
               where Array.IndexOf(s_order, use.Owner) < Array.IndexOf(s_order, use.Used)
               select $"{use.Type.FullName} uses {use.Target.FullName}",
        ];
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_folder_has_its_place_in_the_order() =>
        Assert.Empty(Uses().Select(u => u.Owner).Distinct().Except(s_order));

    [Fact]
    public void Folders_that_read_write_and_count_do_not_touch_tensors()
    {
        string[] wrong =
        [
            .. from type in Types()
               where s_withoutTorch.Contains(Folder(type))
               where type.Dependencies.Any(d => d.Target.FullName.StartsWith("TorchSharp", StringComparison.Ordinal))
               select type.FullName,
        ];
        Assert.Empty(wrong);
    }

    static IEnumerable<(IType Type, string Owner, IType Target, string Used)> Uses() =>
        from type in Types()
        from target in type.Dependencies.Select(d => d.Target).Distinct()
        where target.FullName.StartsWith("Larr.", StringComparison.Ordinal)
        select (type, Folder(type), target, Folder(target));

    static IEnumerable<IType> Types() => s_architecture.Types.Where(t => t.FullName.StartsWith("Larr.", StringComparison.Ordinal));

    static string Folder(IType type) => type.FullName.Split('.')[1];
}
