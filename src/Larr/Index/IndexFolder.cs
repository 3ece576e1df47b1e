using System.Globalization;
using Larr.Embed;
using Larr.Runs;

namespace Larr.Index;

/// <summary>
/// An index on disk: immutable generations and a pointer to the live one, switched by one atomic rename. Readers take
/// no lock; writers take <see cref="Lock"/> first. The layout is <c>IndexFormat</c>'s.
/// </summary>
public sealed class IndexFolder(string path)
{
    /// <summary>The folder.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Number of the live generation, or null where nothing was published yet.</summary>
    public int? LiveNumber => LivePointer.Read(Path)?.Generation;

    /// <summary>Numbers of all generations, ascending.</summary>
    public IReadOnlyList<int> List() => !Directory.Exists(Path) ? [] :
        [.. Directory.EnumerateDirectories(Path, "generation-*").Select(Number).Where(n => n > 0).Order()];

    /// <summary>Opens the live generation. It stays readable until disposed, whatever is published meanwhile.</summary>
    /// <param name="expected">What the caller's vectors are made with; null to take any.</param>
    /// <exception cref="InputException">There is none, it is damaged, or it is of another identity.</exception>
    public Generation OpenLive(VectorIdentity? expected = null)
    {
        while (true)
        {
            LivePointer live = LivePointer.Read(Path) ?? throw new InputException(Path, "there is no live generation here");
            try
            {
                Generation generation = Open(live.Generation);
                if (generation.HeaderChecksum != live.HeaderChecksum || generation.Number != live.Generation)
                {
                    generation.Dispose();
                    throw new InputException(System.IO.Path.Combine(FolderOf(live.Generation), IndexFormat.Header), "block 0 at byte 0",
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

    /// <summary>
    /// Takes the right to write, creating the folder if need be, and tidies up after a dead writer: half-built folders go;
    /// a generation that had passed its gates and got its name, but was not switched to, is made live.
    /// </summary>
    /// <exception cref="InputException">Another writer holds it; the message names it.</exception>
    public OwnedLock Lock()
    {
        OwnedLock held = OwnedLock.Take(System.IO.Path.Combine(Path, "writer.lock"));
        foreach (string left in Directory.EnumerateDirectories(Path, IndexFormat.Building).Concat(Directory.EnumerateDirectories(Path, IndexFormat.Deleting + "*")))
            Directory.Delete(left, recursive: true);
        int highest = LivePointer.Read(Path)?.Highest ?? 0;
        foreach (int number in List().Where(n => n > highest))
        {
            using Generation finished = Open(number);
            new LivePointer(number, finished.HeaderChecksum, number).Write(Path);
        }
        return held;
    }

    /// <summary>
    /// Builds a generation aside, lets <paramref name="gate"/> judge it, and makes it live. If anything throws, the
    /// live generation stays what it was and nothing is left behind.
    /// </summary>
    /// <param name="held">The lock of this folder.</param>
    /// <param name="identity">What the vectors are made with; must be the live generation's.</param>
    /// <param name="fill">Adds the rows, in order.</param>
    /// <param name="gate">Throws where the new generation must not go live.</param>
    /// <returns>The number of the new generation.</returns>
    public int Publish(OwnedLock held, VectorIdentity identity, Action<IndexWriter> fill, Action<Generation> gate)
    {
        ArgumentNullException.ThrowIfNull(held);
        if (LiveNumber is not null) OpenLive(identity).Dispose();
        int number = (LivePointer.Read(Path)?.Highest ?? 0) + 1;
        string aside = System.IO.Path.Combine(Path, IndexFormat.Building);
        Directory.CreateDirectory(aside);
        try
        {
            using (var writer = new IndexWriter(aside, identity, number))
            {
                fill(writer);
                writer.Finish();
            }
            uint checksum;
            using (Generation built = Generation.Open(aside))
            {
                gate(built);
                checksum = built.HeaderChecksum;
            }
            DurableFile.MoveFolder(aside, FolderOf(number)); // a kill from here on: the next lock makes it live
            new LivePointer(number, checksum, number).Write(Path);
            return number;
        }
        catch
        {
            if (Directory.Exists(aside)) Directory.Delete(aside, recursive: true);
            throw;
        }
    }

    /// <summary>Makes the newest generation before the live one live again, after checking every byte of it.</summary>
    /// <returns>Its number.</returns>
    public int Rollback(OwnedLock held)
    {
        ArgumentNullException.ThrowIfNull(held);
        LivePointer live = LivePointer.Read(Path) ?? throw new InputException(Path, "there is no live generation here");
        int before = List().Where(n => n < live.Generation).DefaultIfEmpty(0).Max();
        if (before == 0) throw new InputException(Path, $"there is no generation before the live one, {live.Generation}");
        using Generation generation = Open(before);
        generation.CheckAll();
        (live with { Generation = before, HeaderChecksum = generation.HeaderChecksum }).Write(Path);
        return before;
    }

    /// <summary>Deletes old generations: the live one and the newest others stay, <paramref name="keep"/> in all. Open readers keep theirs.</summary>
    /// <returns>The numbers deleted.</returns>
    public IReadOnlyList<int> Collect(OwnedLock held, int keep)
    {
        ArgumentNullException.ThrowIfNull(held);
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        int[] old = [.. List().Where(n => n != LiveNumber).Reverse().Skip(keep - 1)];
        foreach (int number in old)
        {
            // Renamed first, so that a kill in the middle of the deletion leaves no half generation under its name.
            string doomed = System.IO.Path.Combine(Path, IndexFormat.Deleting + number);
            DurableFile.MoveFolder(FolderOf(number), doomed);
            Directory.Delete(doomed, recursive: true);
        }
        return old;
    }

    /// <summary>The complaint about vectors of one identity where those of another are needed.</summary>
    internal InputException Refused(VectorIdentity found, VectorIdentity expected) => new(Path, "identity", found.ToString(), $"{expected}; vectors of different identities are never mixed");

    string FolderOf(int number) => System.IO.Path.Combine(Path, IndexFormat.FolderName(number));

    static int Number(string folder) =>
        int.TryParse(System.IO.Path.GetFileName(folder).AsSpan("generation-".Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
}
