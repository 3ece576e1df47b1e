using System.Globalization;
using System.Text;
using Larr.Runs;

namespace Larr.Index;

/// <summary>
/// The one line of the file <c>live</c>: a generation's number, the CRC-32 of its header file, and the highest number
/// ever live (higher than the first after a rollback), so that numbers are never used twice.
/// </summary>
readonly record struct LivePointer(int Generation, uint HeaderChecksum, int Highest)
{
    const string Expected = "one line such as generation-000001 0123abcd 000001; where the file is deleted, the next refresh makes the newest whole generation live";

    public static LivePointer? Read(string folder)
    {
        string path = Path.Combine(folder, IndexFormat.Live);
        byte[] bytes;
        try { bytes = File.ReadAllBytes(path); }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException) { return null; }

        string line = Encoding.Latin1.GetString(bytes);
        string[] words = line.TrimEnd('\n').Split(' ');
        if (words.Length == 3 && words[0].StartsWith("generation-", StringComparison.Ordinal)
            && int.TryParse(words[0].AsSpan(11), NumberStyles.None, CultureInfo.InvariantCulture, out int generation)
            && uint.TryParse(words[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint checksum)
            && int.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out int highest)
            && new LivePointer(generation, checksum, highest) is var pointer && pointer.ToString() == line && highest >= generation)
            return pointer;
        throw new InputException(path, "block 0 at byte 0", $"\"{(line.Length <= 60 ? line : line[..60]).ReplaceLineEndings("\\n")}\"", Expected);
    }

    public void Write(Disk disk, string folder) => disk.Replace(Path.Combine(folder, IndexFormat.Live), Encoding.ASCII.GetBytes(ToString()));

    public override string ToString() => $"{IndexFormat.GenerationName(Generation)} {HeaderChecksum:x8} {Highest:D6}\n";
}
