using Larr.Runs;

namespace Larr.Index;

public sealed partial class IndexFolder
{
    /// <summary>
    /// Takes the right to write, creating the folder if need be, and tidies up after a dead writer: half-built folders and segments that no
    /// generation uses go; a generation that had passed its gates and got its name, but was not switched to, is made live.
    /// </summary>
    /// <exception cref="InputException">Another writer holds it; the message names it.</exception>
    public OwnedLock Lock()
    {
        OwnedLock held = OwnedLock.Take(At("writer.lock"));
        try
        {
            Recover();
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Lets <paramref name="write"/> build a generation aside and <paramref name="gate"/> judge it, and makes it live. If anything throws, the
    /// live generation stays what it was and nothing is left behind. Generations after the live one, from which a rollback went back, are given up first: a later rollback
    /// shall not go to them.
    /// </summary>
    /// <param name="held">The lock of this folder.</param>
    /// <param name="live">The live generation, whose open segments the new one borrows; null where there is none.</param>
    /// <param name="write">Given the new generation's number, writes its folder under the name <c>building</c>, and its segment.</param>
    /// <param name="gate">Throws where the new generation must not go live.</param>
    /// <returns>The number of the new generation.</returns>
    internal int Publish(OwnedLock held, Generation? live, Action<int> write, Action<Generation> gate)
    {
        ArgumentNullException.ThrowIfNull(held);
        int number = (LivePointer.Read(Path)?.Highest ?? 0) + 1;
        if (LiveNumber is { } now)
            foreach (int abandoned in List().Where(n => n > now).ToArray()) Delete(IndexFormat.GenerationName(abandoned));
        try
        {
            write(number);
            uint checksum;
            using (Generation built = Generation.Open(At(IndexFormat.Building), live))
            {
                gate(built);
                checksum = built.HeaderChecksum;
            }
            Disk.Move(At(IndexFormat.Building), FolderOf(number)); // a kill from here on: the next lock makes it live
            new LivePointer(number, checksum, number).Write(Disk, Path);
            return number;
        }
        catch
        {
            Discard(number);
            throw;
        }
    }

    /// <summary>Number of the newest generation before the live one, which <see cref="Rollback"/> goes to.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public int Before()
    {
        int live = LiveNumber ?? throw NoPointer();
        int before = List().Where(n => n < live).DefaultIfEmpty(0).Max();
        return before > 0 ? before : throw new InputException(Path, $"there is no generation before the live one, {live}");
    }

    /// <summary>Makes the newest generation before the live one live again, after checking every byte of it.</summary>
    /// <returns>Its number.</returns>
    public int Rollback(OwnedLock held)
    {
        ArgumentNullException.ThrowIfNull(held);
        LivePointer live = LivePointer.Read(Path) ?? throw NoPointer();
        int before = Before();
        using Generation generation = Open(before);
        generation.CheckAll();
        (live with { Generation = before, HeaderChecksum = generation.HeaderChecksum }).Write(Disk, Path);
        return before;
    }

    /// <summary>Numbers of the generations beyond <paramref name="keep"/>, which <see cref="Collect"/> deletes: the live one and the newest others stay.</summary>
    public IReadOnlyList<int> Old(int keep)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        int? live = LiveNumber;
        return [.. List().Where(n => n != live).Reverse().Skip(keep - 1)];
    }

    /// <summary>Deletes old generations, and segments that no other uses: the live one and the newest others stay, <paramref name="keep"/> in all. Open readers keep theirs.</summary>
    /// <returns>The numbers of the generations deleted.</returns>
    public IReadOnlyList<int> Collect(OwnedLock held, int keep)
    {
        ArgumentNullException.ThrowIfNull(held);
        IReadOnlyList<int> old = Old(keep);
        foreach (int number in old) Delete(IndexFormat.GenerationName(number));
        DeleteUnusedSegments();
        return old;
    }

    void Recover()
    {
        foreach (string left in Directory.EnumerateDirectories(Path, "building*").Concat(Directory.EnumerateDirectories(Path, IndexFormat.Deleting + "*")))
            Directory.Delete(left, recursive: true);
        File.Delete(At(IndexFormat.Live + Disk.Aside));
        int highest = LivePointer.Read(Path)?.Highest ?? 0;
        foreach (int number in List().Where(n => n > highest))
        {
            try
            {
                using Generation finished = Open(number);
                finished.CheckAll();
                new LivePointer(number, finished.HeaderChecksum, number).Write(Disk, Path);
            }
            catch (InputException)
            {
                Delete(IndexFormat.GenerationName(number)); // never was live, and is not whole: the next refresh makes it anew
            }
        }
        DeleteUnusedSegments();
    }

    /// <summary>Takes back what a failed publication has written, unless it went live with its last step.</summary>
    void Discard(int number)
    {
        try
        {
            if (LivePointer.Read(Path)?.Generation == number) return;
            foreach (string name in new[] { IndexFormat.Building, IndexFormat.BuildingSegment, IndexFormat.GenerationName(number), IndexFormat.SegmentName(number) })
                Delete(name);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // The disk that failed the publication fails the tidying too: the next lock does it.
        }
    }

    void DeleteUnusedSegments()
    {
        HashSet<int> used = [];
        foreach (int number in List())
        {
            // A generation whose header cannot be read may use any of them.
            try { used.UnionWith(HeaderFile.Read<GenerationHeader>(FolderOf(number), IndexFormat.GenerationMagic, GenerationHeader.Check).Header.Segments.Select(s => s.Segment)); }
            catch (InputException) { return; }
        }
        foreach (int segment in ListSegments().Where(s => !used.Contains(s))) Delete(IndexFormat.SegmentName(segment));
    }

    /// <summary>Renames a folder before deleting it, so that a kill in the middle of the deletion leaves no half folder under its name.</summary>
    void Delete(string name)
    {
        if (!Directory.Exists(At(name))) return;
        string doomed = At(IndexFormat.Deleting + name);
        if (Directory.Exists(doomed)) Directory.Delete(doomed, recursive: true);
        Disk.Move(At(name), doomed);
        Directory.Delete(doomed, recursive: true);
    }
}
