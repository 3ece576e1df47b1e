using System;
using System.IO;
using Microsoft.Build.Framework;

namespace Larr.Build;

/// <summary>
/// Build step that has the JIT compile one assembly without optimisation, by its DebuggableAttribute. TorchSharp passes the native handles of
/// its arguments without keeping the arguments alive: in optimised code a number passed to an operation can be collected, and its native memory freed,
/// while the operation reads it, whenever another thread starts a collection at that moment. Code that is not optimised keeps arguments alive until
/// a method returns. The wrappers are thin, so this costs nothing that can be measured. Idempotent; the file is replaced as a whole, so that hard
/// links into the package cache stay untouched.
/// </summary>
public sealed class KeepArgumentsAlive : Microsoft.Build.Utilities.Task
{
    // A custom attribute's value: length 8, prolog 1, int32 modes, no named arguments.
    static readonly byte[] Optimised = { 8, 1, 0, 2, 0, 0, 0, 0, 0 }; // IgnoreSymbolStoreSequencePoints
    static readonly byte[] NotOptimised = { 8, 1, 0, 3, 1, 0, 0, 0, 0 }; // and Default, DisableOptimizations

    /// <summary>Path of the assembly.</summary>
    [Required]
    public string Assembly { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        byte[] image = File.ReadAllBytes(Assembly);
        if (Disable(image))
        {
            string aside = Assembly + "." + Guid.NewGuid().ToString("N");
            File.WriteAllBytes(aside, image);
            File.Delete(Assembly);
            File.Move(aside, Assembly);
            Log.LogMessage(MessageImportance.Normal, "{0}: optimisation disabled", Assembly);
        }
        return true;
    }

    /// <summary>Changes the attribute's value; true when a byte changed.</summary>
    public static bool Disable(byte[] image)
    {
        int at = Find(image, Optimised, 0);
        if (at < 0 && Find(image, NotOptimised, 0) >= 0) return false;
        if (at < 0 || Find(image, Optimised, at + 1) >= 0) throw new InvalidDataException("not an assembly with one DebuggableAttribute of a release build");
        NotOptimised.CopyTo(image, at);
        return true;
    }

    static int Find(byte[] image, byte[] value, int start)
    {
        for (int at = Array.IndexOf(image, value[0], start); at >= 0 && at <= image.Length - value.Length; at = Array.IndexOf(image, value[0], at + 1))
        {
            int i = 1;
            while (i < value.Length && image[at + i] == value[i]) i++;
            if (i == value.Length) return at;
        }
        return -1;
    }
}
