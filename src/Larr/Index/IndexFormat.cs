using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Larr.Index;

/// <summary>
/// The files of an index, byte by byte. All numbers are little-endian. N is the number of a segment's rows, D the dimension, L the number of
/// its inverted lists, W the bytes of a component (float32 4, float16 2, int8 1).
/// </summary>
/// <remarks>
/// <para>An index folder holds <c>live</c> (one ASCII line, <c>generation-000007 xxxxxxxx 000007\n</c>: the live generation, in lower-case hex
/// the CRC-32 of its whole <c>header</c> file, and the highest number ever live), <c>writer.lock</c> (held by the only writer) with
/// <c>writer.lock.owner</c> beside it, the folders <c>generation-NNNNNN</c>, and the folders <c>segment-NNNNNN</c>, which hold the rows and are shared
/// by generations: the segment of number n was written with generation n. Neither kind ever changes once it bears that name.
/// <c>building</c>, <c>building-segment</c>, <c>deleting-…</c> and <c>live.new</c> are leftovers of a writer at work or dead.</para>
/// <para>Each of those folders holds:</para>
/// <list type="table">
/// <item><term>header</term><description>0: magic, <c>LARRINDX</c> of a generation or <c>LARRSEGM</c> of a segment; 8: uint32 format version, 2;
/// 12: uint32 length J of the JSON; 16: J bytes of UTF-8 JSON (<see cref="GenerationHeader"/>, <see cref="SegmentHeader"/>); 16 + J: uint32
/// CRC-32 of all bytes before. Written last.</description></item>
/// <item><term>checksums</term><description>For each file below, in this order, one uint32 CRC-32 for each block of 65,536 bytes
/// (the last may be shorter). The header holds the CRC-32 of this file and the lengths of the files below.</description></item>
/// </list>
/// <para>A generation lists its segments, most rows first; its row numbers go through them in that order. Its files:</para>
/// <list type="table">
/// <item><term>dead</term><description>For each segment ⌈N / 64⌉ × uint64: bit r mod 64 of word r / 64 says that the segment's row r is no
/// longer part of the index. Bits beyond N are 0. A value is alive in at most one segment.</description></item>
/// <item><term>popularity</term><description>For each segment N × int64; 0 for dead rows.</description></item>
/// </list>
/// <para>In a segment the rows are ascending by field, then by value (ordinal, UTF-16 code units), so each field is one range of rows. Its files:</para>
/// <list type="table">
/// <item><term>ids</term><description>N × 16 bytes: XxHash128 of (field, value), see <see cref="Embed.ContentHash"/>; low 64 bits first.</description></item>
/// <item><term>hashes</term><description>N × 16 bytes: XxHash128 of (field, text).</description></item>
/// <item><term>slots</term><description>S × uint64, S the smallest power of two ≥ 2 N and ≥ 2: an open-addressing hash table. An id starts at slot
/// (its low 64 bits) mod S and goes on to the next; the entry is row + 1 in the low half and bits 64 … 95 of the id in the high half, or 0 for free.</description></item>
/// <item><term>values.offsets</term><description>(N + 1) × uint64: value r is <c>values[offset r .. offset r+1]</c>.</description></item>
/// <item><term>values</term><description>The values in UTF-8, end to end.</description></item>
/// <item><term>texts.offsets</term><description>(N + 1) × uint64.</description></item>
/// <item><term>texts</term><description>The texts in UTF-8, end to end.</description></item>
/// <item><term>vectors</term><description>N × D × W, row by row; of unit length after multiplication with the scale.</description></item>
/// <item><term>scales</term><description>int8: N × float32; otherwise empty.</description></item>
/// <item><term>lists.centroids</term><description>L × D × float32, of unit length. This file and the next four are empty where there are no lists.</description></item>
/// <item><term>lists.starts</term><description>(L + 1) × uint32: list l is the positions from start l to start l + 1, ascending rows within.</description></item>
/// <item><term>lists.rows</term><description>N × uint32: the row at a position.</description></item>
/// <item><term>lists.codes</term><description>For each list ⌈its positions / 16⌉ groups, each ⌈D / 4⌉ × 16 × 4 bytes: components 4 c … 4 c + 3 of the
/// group's 16 rows lie together, a row after the other. A byte is 128 + round(127 · component / the row's largest); missing rows and components are 128.</description></item>
/// <item><term>lists.scales</term><description>N × float32: the scale of the codes at a position.</description></item>
/// </list>
/// </remarks>
static class IndexFormat
{
    public const int Version = 2;
    public const int BlockSize = 65536;

    /// <summary>Most rows of an index.</summary>
    public const int MaxRows = 1 << 30;

    public const string
        Header = "header", Checksums = "checksums", Live = "live", Building = "building", BuildingSegment = "building-segment", Deleting = "deleting-";

    public static readonly string[] GenerationFiles = ["dead", "popularity"];

    public static readonly string[] SegmentFiles =
    [
        "ids", "hashes", "slots", "values.offsets", "values", "texts.offsets", "texts", "vectors", "scales",
        "lists.centroids", "lists.starts", "lists.rows", "lists.codes", "lists.scales",
    ];

    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    public static ReadOnlySpan<byte> GenerationMagic => "LARRINDX"u8;

    public static ReadOnlySpan<byte> SegmentMagic => "LARRSEGM"u8;

    public static string GenerationName(int number) => $"generation-{number:D6}";

    public static string SegmentName(int number) => $"segment-{number:D6}";

    public static long Blocks(long length) => (length + BlockSize - 1) / BlockSize;

    /// <summary>Words of a segment's bitmap of dead rows.</summary>
    public static int DeadWords(int rows) => (rows + 63) / 64;

    /// <summary>The smallest power of two that leaves at least half of the slots free.</summary>
    public static uint SlotCount(int rows) => BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, 2 * (long)rows));

    /// <summary>The place of a byte for complaints.</summary>
    public static string Place(long offset) => $"block {offset / BlockSize} at byte {offset}";
}
