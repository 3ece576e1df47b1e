using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace Larr.Tests.Index;

/// <summary>What may happen to a file: bytes that change, ends that are cut off or grow, stretches from elsewhere, headers that say something else; or it is gone.</summary>
static class FuzzDamage
{
    /// <summary>A damaged copy, always another than the whole one; null: the file is gone.</summary>
    /// <param name="whole">The right bytes.</param>
    /// <param name="random">Chooses.</param>
    /// <param name="lengths">May the length change?</param>
    public static byte[]? Of(byte[] whole, Random random, bool lengths)
    {
        byte[]? damaged = random.Next(20) switch
        {
            0 when lengths => null,
            1 or 2 when lengths => whole[..random.Next(whole.Length)],
            3 when lengths => [.. whole, .. whole.AsSpan(0, random.Next(1, 1 + Math.Min(whole.Length, 100)))],
            _ => Bytes(whole, random),
        };
        if (damaged is null || !damaged.AsSpan().SequenceEqual(whole)) return damaged;
        damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8)); // a change that changed nothing
        return damaged;
    }

    /// <summary>A header in which one number, text, list or object is another, of the right form around it but for the checksum.</summary>
    public static byte[] Header(byte[] header, Random random)
    {
        JsonNode json = JsonNode.Parse(header.AsSpan(16, BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(12))))!;
        JsonNode[] places = [.. Inside(json)];
        JsonNode place = places[random.Next(places.Length)];
        place.ReplaceWith(random.Next(8) switch
        {
            0 => (JsonNode?)null,
            1 => JsonValue.Create(random.Next(-2, 3)),
            2 => JsonValue.Create(int.MaxValue - random.Next(2)),
            3 => JsonValue.Create(long.MaxValue),
            4 => JsonValue.Create("another"),
            5 => new JsonArray(place.DeepClone(), place.DeepClone()),
            6 when place is JsonValue value && value.TryGetValue(out long number) => JsonValue.Create(number + random.Next(-1, 2)),
            _ => new JsonObject(),
        });
        return WithJson(header, json);
    }

    /// <summary>A header with other JSON, and no checksum yet.</summary>
    public static byte[] WithJson(byte[] header, JsonNode json)
    {
        byte[] text = Encoding.UTF8.GetBytes(json.ToJsonString());
        return [.. header[..12], .. BitConverter.GetBytes(text.Length), .. text, 0, 0, 0, 0];
    }

    static byte[] Bytes(byte[] whole, Random random)
    {
        byte[] damaged = [.. whole];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            // The beginning is as likely as the rest together: a long file's first bytes would seldom be hit.
            int at = random.Next(random.Next(2) == 0 ? damaged.Length : Math.Min(damaged.Length, 256)), left = damaged.Length - at;
            switch (random.Next(6))
            {
                case 0: damaged[at] = (byte)random.Next(256); break;
                case 1: damaged[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: damaged.AsSpan(at, Math.Min(left, 8)).Fill((byte)(random.Next(2) * 255)); break;
                case 3:
                    int from = random.Next(damaged.Length), length = Math.Min(Math.Min(left, damaged.Length - from), random.Next(1, 65));
                    Array.Copy(damaged, from, damaged, at, length);
                    break;
                case 4: damaged.AsSpan(at, Math.Min(left, 4)).Reverse(); break;
                default: damaged[at]++; break;
            }
        }
        return damaged;
    }

    static IEnumerable<JsonNode> Inside(JsonNode node)
    {
        IEnumerable<JsonNode?> children = node switch { JsonObject o => o.Select(p => p.Value), JsonArray a => a, _ => [] };
        foreach (JsonNode child in children.OfType<JsonNode>())
        {
            yield return child;
            foreach (JsonNode inside in Inside(child)) yield return inside;
        }
    }
}
