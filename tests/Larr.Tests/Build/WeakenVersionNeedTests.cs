using System.Buffers.Binary;
using System.Text;
using Larr.Build;

namespace Larr.Tests.Build;

public sealed class WeakenVersionNeedTests
{
    [Fact]
    public void Only_the_named_version_becomes_weak_and_a_second_pass_changes_nothing()
    {
        byte[] elf = ElfWithNeeds("GLIBCXX_3.4.30", "GLIBCXX_3.4.32");
        byte[] before = [.. elf];

        Assert.True(WeakenVersionNeed.Weaken(elf, "GLIBCXX_3.4.32"));
        int[] changed = [.. Enumerable.Range(0, elf.Length).Where(i => elf[i] != before[i])];
        Assert.Equal([Need + 16 + 16 + 4], changed);
        Assert.Equal(2, elf[changed[0]]);

        Assert.False(WeakenVersionNeed.Weaken(elf, "GLIBCXX_3.4.32"));
    }

    [Fact]
    public void A_prefix_of_a_version_name_is_not_that_version()
    {
        Assert.False(WeakenVersionNeed.Weaken(ElfWithNeeds("GLIBCXX_3.4.30", "GLIBCXX_3.4.32"), "GLIBCXX_3.4.3"));
    }

    [Fact]
    public void A_file_that_is_not_elf_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => WeakenVersionNeed.Weaken(new byte[100], "GLIBCXX_3.4.32"));
    }

    const int Need = 64 + (2 * 64);
    const int Strings = Need + 16 + (2 * 16);

    /// <summary>An ELF header, two section headers (verneed, strtab), one Verneed with two Vernaux, the strings.</summary>
    static byte[] ElfWithNeeds(string first, string second)
    {
        byte[] elf = new byte[Strings + 64];
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1 }.CopyTo(elf, 0);
        U64(0x28, 64);
        U16(0x3a, 64);
        U16(0x3c, 2);
        U32(64 + 4, 0x6ffffffe);
        U64(64 + 24, Need);
        U32(64 + 40, 1);
        U64(128 + 24, Strings);
        U16(Need + 2, 2);
        U32(Need + 8, 16);
        U32(Need + 16 + 8, 0);
        U32(Need + 16 + 12, 16);
        U32(Need + 32 + 8, (uint)first.Length + 1);
        Encoding.ASCII.GetBytes(first + "\0" + second + "\0").CopyTo(elf, Strings);
        return elf;

        void U16(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan(at), value);
        void U32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(elf.AsSpan(at), value);
        void U64(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(elf.AsSpan(at), value);
    }
}
