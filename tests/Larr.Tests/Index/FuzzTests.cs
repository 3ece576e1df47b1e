using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Json.Nodes;
using Larr.Embed;
using Larr.Index;
using Larr.Runs;

namespace Larr.Tests.Index;

/// <summary>
/// Damaged files whose checksums were made right again, so that the damage reaches the readers behind them. Whatever the bytes say, a reader
/// answers or complains with one line: no crash, no hang, no read beyond a file. LARR_FUZZ sets another number of inputs (scripts/check-index --fuzz).
/// </summary>
public sealed class FuzzTests
{
    static readonly int s_inputs = int.TryParse(Environment.GetEnvironmentVariable("LARR_FUZZ"), out int inputs) ? inputs : 2000;

    [Fact]
    public void Readers_of_damaged_files_answer_or_complain()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        ValueText[] rows = Rows.Of(40);
        var config = new IndexConfig { ApproximateFrom = 32, KeepGenerations = 1 };
        Rows.Refresh(folder, rows, config);
        Rows.Refresh(folder, rows[4..], config); // dead rows in the one segment
        Dictionary<string, byte[]> whole = Rows.Files(temporary.Path);
        string[] targets = [.. whole.Where(f => f.Value.Length > 0 && !f.Key.EndsWith("checksums", StringComparison.Ordinal)).Select(f => f.Key).Order(StringComparer.Ordinal)];

        var random = new Random(1);
        int complaints = 0;
        for (int input = 0; input < s_inputs; input++)
        {
            string name = targets[random.Next(targets.Length)];
            byte[] damaged = Damage(whole[name], random);
            File.WriteAllBytes(temporary.At(name), damaged);
            Mend(temporary.Path, name, whole);
            try { ReadEverything(folder, rows); }
            catch (InputException wrong)
            {
                Assert.DoesNotContain('\n', wrong.Message);
                complaints++;
            }
            catch (IndexGateException) { complaints++; }
            foreach (string file in Touched(name)) File.WriteAllBytes(temporary.At(file), whole[file]);
        }
        ReadEverything(folder, rows);
        Assert.InRange(complaints, s_inputs / 10, s_inputs);
    }

    static void ReadEverything(IndexFolder folder, ValueText[] rows)
    {
        using Generation live = folder.OpenLive();
        foreach (ValueText row in rows)
            if (live.TryGet(row.Field, row.Value, out int at)) _ = live.Row(at);
        int[] found = new int[rows.Length];
        live.Find([.. rows.Select(r => ContentHash.Of(r.Field, r.Value))], found);
        live.Gather(found, new float[rows.Length * live.Dimension]);
        float[] query = [.. Enumerable.Range(0, 5 * live.Dimension).Select(i => 1f + i % 3)];
        foreach (Hit hit in live.Search(query, 3, new SearchFilter { MinPopularity = 3 }).Concat(live.SearchApproximate(query, 3)).SelectMany(h => h)) _ = live.Field(hit.Row);
        _ = live.Search(query.AsSpan(0, live.Dimension), 50, "meal");
        IndexVerify.Check(live);
    }

    /// <summary>Some bytes changed to some others, to extremes, or to their neighbours; or a header's number or list.</summary>
    static byte[] Damage(byte[] whole, Random random)
    {
        byte[] damaged = [.. whole];
        if (damaged is [(byte)'L', (byte)'A', ..] && random.Next(2) == 0) return DamageHeader(damaged, random);
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int at = random.Next(damaged.Length);
            switch (random.Next(4))
            {
                case 0: damaged[at] = (byte)random.Next(256); break;
                case 1: damaged[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: damaged.AsSpan(at, Math.Min(damaged.Length - at, 8)).Fill((byte)(random.Next(2) * 255)); break;
                default: damaged[at]++; break;
            }
        }
        return damaged;
    }

    static byte[] DamageHeader(byte[] bytes, Random random)
    {
        JsonNode json = JsonNode.Parse(bytes.AsSpan(16, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12))))!;
        JsonNode[] places = [.. Inside(json)];
        JsonNode place = places[random.Next(places.Length)];
        place.ReplaceWith(random.Next(7) switch
        {
            0 => (JsonNode?)null,
            1 => JsonValue.Create(random.Next(-2, 3)),
            2 => JsonValue.Create(int.MaxValue - random.Next(2)),
            3 => JsonValue.Create(long.MaxValue),
            4 => JsonValue.Create("another"),
            5 => new JsonArray(place.DeepClone(), place.DeepClone()),
            _ => new JsonObject(),
        });
        byte[] text = System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());
        byte[] damaged = [.. bytes[..12], .. BitConverter.GetBytes(text.Length), .. text, 0, 0, 0, 0];
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

    /// <summary>The files that change when one does: the tables and headers above it, and the pointer.</summary>
    static IEnumerable<string> Touched(string name)
    {
        yield return name;
        if (name == "live") yield break;
        string folder = Path.GetDirectoryName(name)!;
        yield return Path.Combine(folder, "checksums");
        yield return Path.Combine(folder, "header");
        yield return Path.Combine("generation-000002", "header");
        yield return "live";
    }

    /// <summary>Makes every checksum above a damaged file right: its folder's table and header, the generation's, and the pointer.</summary>
    static void Mend(string root, string name, Dictionary<string, byte[]> whole)
    {
        if (name == "live") return;
        string folder = Path.GetDirectoryName(name)!, header = Path.Combine(root, folder, "header");
        if (Path.GetFileName(name) != "header")
        {
            string[] files = folder.StartsWith("segment", StringComparison.Ordinal) ? IndexFormat.SegmentFiles : IndexFormat.GenerationFiles;
            byte[] table = [.. whole[Path.Combine(folder, "checksums")]];
            int block = files.TakeWhile(f => f != Path.GetFileName(name)).Count(f => whole[Path.Combine(folder, f)].Length > 0); // no file has more than one
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(4 * block), Crc32.HashToUInt32(File.ReadAllBytes(Path.Combine(root, name))));
            File.WriteAllBytes(Path.Combine(root, folder, "checksums"), table);
            Change(header, json => json["checksums"] = Crc32.HashToUInt32(table));
        }
        else Seal(header);
        if (folder.StartsWith("segment", StringComparison.Ordinal))
        {
            uint checksum = Crc32.HashToUInt32(File.ReadAllBytes(header));
            int number = int.Parse(folder.AsSpan("segment-".Length));
            header = Path.Combine(root, "generation-000002", "header");
            Change(header, json =>
            {
                foreach (JsonNode? use in json["segments"]!.AsArray())
                    if ((int)use!["segment"]! == number) use["header"] = checksum;
            });
        }
        else if (folder != "generation-000002") return;
        File.WriteAllText(Path.Combine(root, "live"), $"generation-000002 {Crc32.HashToUInt32(File.ReadAllBytes(header)):x8} 000002\n");
    }

    static void Change(string header, Action<JsonNode> change)
    {
        byte[] bytes = File.ReadAllBytes(header);
        JsonNode json = JsonNode.Parse(bytes.AsSpan(16, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12))))!;
        change(json);
        byte[] text = System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());
        File.WriteAllBytes(header, [.. bytes[..12], .. BitConverter.GetBytes(text.Length), .. text, 0, 0, 0, 0]);
        Seal(header);
    }

    /// <summary>Makes the last four bytes of a header the checksum of the rest.</summary>
    static void Seal(string header)
    {
        byte[] bytes = File.ReadAllBytes(header);
        if (bytes.Length < 4) return;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4), Crc32.HashToUInt32(bytes.AsSpan(0, bytes.Length - 4)));
        File.WriteAllBytes(header, bytes);
    }
}
