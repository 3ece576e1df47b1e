using System.Text.Json;
using System.Text.Json.Serialization;
using Larr.Embed;

namespace Larr.Index;

/// <summary>
/// The files of a generation, byte by byte. All numbers are little-endian; N is the number of rows, D the dimension.
/// </summary>
/// <remarks>
/// <para>An index folder holds <c>live</c> (one ASCII line, <c>generation-000001 xxxxxxxx 000001\n</c>: the live
/// generation, in lower-case hex the CRC-32 of its whole <c>header</c> file, and the highest number ever live), <c>writer.lock</c> (held by the only writer),
/// and the folders <c>generation-NNNNNN</c>, which never change once they bear that name. <c>building</c> and
/// <c>deleting-…</c> are leftovers of a writer at work or dead.</para>
/// <para>Rows are ascending by field, then by value (ordinal, UTF-16 code units), so each field is one range of rows.</para>
/// <list type="table">
/// <item><term>header</term><description>0: magic <c>LARRINDX</c>; 8: uint32 format version, 1; 12: uint32 length L of the JSON;
/// 16: L bytes of UTF-8 JSON (<see cref="GenerationHeader"/>); 16 + L: uint32 CRC-32 of all bytes before.</description></item>
/// <item><term>checksums</term><description>For each file below, in this order, one uint32 CRC-32 for each block of 65,536 bytes
/// (the last may be shorter). The header holds the CRC-32 of this file and the lengths of the files below.</description></item>
/// <item><term>ids</term><description>N × 16 bytes: XxHash128 of (field, value), see <see cref="ContentHash"/>; low 64 bits first.</description></item>
/// <item><term>hashes</term><description>N × 16 bytes: XxHash128 of (field, text).</description></item>
/// <item><term>slots</term><description>S × uint32, S a power of two ≥ 2 N: an open-addressing hash table. An id starts at slot
/// (its low 64 bits) mod S and goes on to the next; the entry is row + 1, or 0 for free.</description></item>
/// <item><term>values.offsets</term><description>(N + 1) × uint64: value r is <c>values[offset r .. offset r+1]</c>.</description></item>
/// <item><term>values</term><description>The values in UTF-8, end to end.</description></item>
/// <item><term>texts.offsets</term><description>(N + 1) × uint64.</description></item>
/// <item><term>texts</term><description>The texts in UTF-8, end to end.</description></item>
/// <item><term>popularity</term><description>N × int64.</description></item>
/// <item><term>vectors</term><description>N × D × float32, row by row, of unit length.</description></item>
/// </list>
/// </remarks>
static class IndexFormat
{
    public const int Version = 1;
    public const int BlockSize = 65536;
    public static ReadOnlySpan<byte> Magic => "LARRINDX"u8;

    public const string Header = "header", Checksums = "checksums", Live = "live", Building = "building", Deleting = "deleting-";

    public static readonly string[] Files =
        ["ids", "hashes", "slots", "values.offsets", "values", "texts.offsets", "texts", "popularity", "vectors"];

    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.Strict,
    };

    public static string FolderName(int generation) => $"generation-{generation:D6}";

    public static long Blocks(long length) => (length + BlockSize - 1) / BlockSize;

    /// <summary>The smallest power of two that leaves at least half of the slots free.</summary>
    public static int SlotCount(int rows) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, 2 * (long)rows));
}

/// <summary>The JSON part of a generation's header.</summary>
/// <param name="Generation">Number of the generation, from 1.</param>
/// <param name="Count">Number of rows.</param>
/// <param name="Type">Type of a vector's components: <c>float32</c>.</param>
/// <param name="Metric">Similarity of two vectors: <c>cosine</c>.</param>
/// <param name="Identity">What the vectors were made with.</param>
/// <param name="Fields">Row range of each field, in the order of the rows.</param>
/// <param name="Lengths">Lengths in bytes of the files, in the order of the format.</param>
/// <param name="Checksums">CRC-32 of the file <c>checksums</c>.</param>
public sealed record GenerationHeader(
    int Generation, int Count, string Type, string Metric, VectorIdentity Identity, IReadOnlyList<FieldRange> Fields, IReadOnlyList<long> Lengths, uint Checksums);

/// <summary>The rows of one field: <paramref name="First"/> up to, without, <paramref name="First"/> + <paramref name="Count"/>.</summary>
public sealed record FieldRange(string Name, int First, int Count);
