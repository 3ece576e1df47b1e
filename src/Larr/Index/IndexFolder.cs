using System.Globalization;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Index;

/// <summary>
/// An index on disk: immutable generations over shared segments, and a pointer to the live one, switched by one atomic rename. Readers take
/// no lock; writers take <see cref="Lock"/> first. The layout is <c>IndexFormat</c>'s.
/// </summary>
public sealed partial class IndexFolder(string path)
{
    /// <summary>The folder.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Where the writes go.</summary>
    internal Disk Disk { get; init; } = Disk.Real;

    /// <summary>Number of the live generation, or null where nothing was published yet.</summary>
    public int? LiveNumber => LivePointer.Read(Path)?.Generation;

    /// <summary>Numbers of all generations, ascending.</summary>
    public IReadOnlyList<int> List() => Numbers("generation-");

    /// <summary>Numbers of all segments, ascending.</summary>
    public IReadOnlyList<int> ListSegments() => Numbers("segment-");

    /// <summary>Opens the live generation. It stays readable until disposed, whatever is published meanwhile.</summary>
    /// <param name="expected">What the caller's vectors are made with; null to take any.</param>
    /// <exception cref="InputException">There is none, it is damaged, or it is of another identity.</exception>
    public Generation OpenLive(VectorIdentity? expected = null) => OpenLive(expected, lender: null);

    /// <summary>The same, with the segments that <paramref name="lender"/> has open already; it must stay open for longer.</summary>
    internal Generation OpenLive(VectorIdentity? expected, Generation? lender)
    {
        while (true)
        {
            LivePointer live = LivePointer.Read(Path) ?? throw NoPointer();
            try
            {
                Generation generation = Generation.Open(FolderOf(live.Generation), lender);
                if (generation.HeaderChecksum != live.HeaderChecksum || generation.Number != live.Generation)
                {
                    generation.Dispose();
                    throw HeaderFile.Wrong(System.IO.Path.Combine(FolderOf(live.Generation), IndexFormat.Header), 0,
                        $"generation {generation.Number} with checksum {generation.HeaderChecksum:x8}", $"generation {live.Generation} with {live.HeaderChecksum:x8}, as the pointer says");
                }
                if (expected is null || expected == generation.Header.Identity) return generation;
                generation.Dispose();
                throw Refused(generation.Header.Identity, expected);
            }
            catch (InputException) when (LivePointer.Read(Path) != live)
            {
                // A writer published and deleted so fast that the generation went between reading the pointer and opening.
            }
        }
    }

    /// <summary>Opens a generation by its number.</summary>
    public Generation Open(int number) => Generation.Open(FolderOf(number));

    internal string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The complaint about vectors of one identity where those of another are needed.</summary>
    internal InputException Refused(VectorIdentity found, VectorIdentity expected) => new(Path, "identity", found.ToString(), $"{expected}; vectors of different identities are never mixed");

    /// <summary>Nothing was published yet; or the pointer is lost, which the next writer mends.</summary>
    InputException NoPointer() => List().Count == 0 ? new(Path, "there is no live generation here") : BlockFolder.Missing(At(IndexFormat.Live));

    string FolderOf(int number) => At(IndexFormat.GenerationName(number));

    int[] Numbers(string prefix) => !Directory.Exists(Path) ? [] :
        [.. Directory.EnumerateDirectories(Path, prefix + "*").Select(f => Number(System.IO.Path.GetFileName(f).AsSpan(prefix.Length))).Where(n => n > 0).Order()];

    static int Number(ReadOnlySpan<char> digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
}
