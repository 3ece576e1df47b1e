using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;

namespace Larr.Build;

/// <summary>
/// Build step that marks one version need of an ELF library as weak, so that the dynamic loader accepts
/// a system that lacks it. TorchSharp's shim names GLIBCXX_3.4.32 only through an init symbol that nothing
/// calls; Debian 12 and Ubuntu 22.04 stop at 3.4.30 and would refuse to load it. Idempotent; the file is
/// replaced as a whole, so that hard links into the package cache stay untouched.
/// </summary>
public sealed class WeakenVersionNeed : Microsoft.Build.Utilities.Task
{
    const uint VersionNeedSection = 0x6ffffffe; // SHT_GNU_verneed
    const byte WeakFlag = 2; // VER_FLG_WEAK

    /// <summary>Path of the 64-bit little-endian ELF library.</summary>
    [Required]
    public string Library { get; set; } = "";

    /// <summary>Version name, for example GLIBCXX_3.4.32.</summary>
    [Required]
    public string VersionName { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        byte[] elf = File.ReadAllBytes(Library);
        if (Weaken(elf, VersionName))
        {
            string aside = Library + "." + Guid.NewGuid().ToString("N");
            File.WriteAllBytes(aside, elf);
            File.Delete(Library);
            File.Move(aside, Library);
            Log.LogMessage(MessageImportance.Normal, "{0}: need of {1} marked weak", Library, VersionName);
        }
        return true;
    }

    /// <summary>Sets the weak flag of every need of <paramref name="versionName"/>; true when a byte changed.</summary>
    public static bool Weaken(byte[] elf, string versionName)
    {
        if (elf.Length < 64 || elf[0] != 0x7f || Encoding.ASCII.GetString(elf, 1, 3) != "ELF" || elf[4] != 2 || elf[5] != 1)
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        int sections = (int)BitConverter.ToUInt64(elf, 0x28);
        int entrySize = BitConverter.ToUInt16(elf, 0x3a);
        int count = BitConverter.ToUInt16(elf, 0x3c);
        bool changed = false;
        for (int s = 0; s < count; s++)
        {
            int header = sections + (s * entrySize);
            if (BitConverter.ToUInt32(elf, header + 4) != VersionNeedSection) continue;
            int strings = (int)BitConverter.ToUInt64(elf, sections + (Int(elf, header + 40) * entrySize) + 24);
            changed |= WeakenSection(elf, (int)BitConverter.ToUInt64(elf, header + 24), strings, versionName);
        }
        return changed;
    }

    /// <summary>Walks the chain of Verneed entries and, below each, its chain of Vernaux entries.</summary>
    static bool WeakenSection(byte[] elf, int need, int strings, string versionName)
    {
        bool changed = false;
        for (int step = -1; step != 0; need += step)
        {
            int aux = need + Int(elf, need + 8);
            for (int auxStep = -1; auxStep != 0; aux += auxStep)
            {
                if (NameAt(elf, strings + Int(elf, aux + 8)) == versionName && (elf[aux + 4] & WeakFlag) == 0)
                {
                    elf[aux + 4] |= WeakFlag;
                    changed = true;
                }
                auxStep = Int(elf, aux + 12);
            }
            step = Int(elf, need + 12);
        }
        return changed;
    }

    static int Int(byte[] elf, int at) => BitConverter.ToInt32(elf, at);

    static string NameAt(byte[] elf, int at) => Encoding.ASCII.GetString(elf, at, Array.IndexOf(elf, (byte)0, at) - at);
}
