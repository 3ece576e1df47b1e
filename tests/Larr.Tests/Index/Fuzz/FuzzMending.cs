using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using System.Text.Json.Nodes;
using Larr.Index;

namespace Larr.Tests.Index;

/// <summary>Makes every checksum above a damaged file right, so that the damage reaches the readers behind them: its folder's table and header, the generation's, and the pointer.</summary>
static class FuzzMending
{
    /// <summary>Every file that is another now, the damaged one among them.</summary>
    public static Dictionary<string, byte[]> Of(FuzzTarget target, string file, byte[] damaged)
    {
        var changed = new Dictionary<string, byte[]> { [file] = damaged };
        if (file == IndexFormat.Live) return changed;
        string folder = Path.GetDirectoryName(file)!, header = Path.Combine(folder, IndexFormat.Header);
        if (file == header) Seal(damaged);
        else
        {
            bool segment = folder.StartsWith("segment", StringComparison.Ordinal);
            byte[] table = Table(target, folder, segment ? IndexFormat.SegmentFiles : IndexFormat.GenerationFiles, changed);
            changed[Path.Combine(folder, IndexFormat.Checksums)] = table;
            changed[header] = WithNumbers(target.Whole(header), json =>
            {
                json["checksums"] = Crc32.HashToUInt32(table);
                int place = Array.IndexOf(segment ? IndexFormat.SegmentFiles : IndexFormat.GenerationFiles, Path.GetFileName(file));
                if (place >= 0) json["lengths"]![place] = damaged.Length;
            });
        }
        string live = Encoding.ASCII.GetString(target.Whole(IndexFormat.Live)).Split(' ')[0], top = Path.Combine(live, IndexFormat.Header);
        if (folder != live)
        {
            if (!folder.StartsWith("segment", StringComparison.Ordinal)) return changed; // an old generation
            int number = int.Parse(folder.AsSpan("segment-".Length));
            changed[top] = WithNumbers(target.Whole(top), json =>
            {
                foreach (JsonNode? use in json["segments"]!.AsArray())
                    if ((int)use!["segment"]! == number) use["header"] = Crc32.HashToUInt32(changed[header]);
            });
        }
        changed[IndexFormat.Live] = Encoding.ASCII.GetBytes($"{live} {Crc32.HashToUInt32(changed[top]):x8} {live["generation-".Length..]}\n");
        return changed;
    }

    /// <summary>Checksums of all blocks of a folder's files.</summary>
    static byte[] Table(FuzzTarget target, string folder, string[] files, Dictionary<string, byte[]> changed)
    {
        if (changed.TryGetValue(Path.Combine(folder, IndexFormat.Checksums), out byte[]? damaged)) return damaged;
        var table = new List<byte>();
        foreach (string path in files.Select(f => Path.Combine(folder, f)))
            foreach (byte[] block in (changed.GetValueOrDefault(path) ?? target.Whole(path)).Chunk(IndexFormat.BlockSize)) table.AddRange(BitConverter.GetBytes(Crc32.HashToUInt32(block)));
        return [.. table];
    }

    static byte[] WithNumbers(byte[] header, Action<JsonNode> change)
    {
        JsonNode json = JsonNode.Parse(header.AsSpan(16, BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(12))))!;
        change(json);
        byte[] changed = FuzzDamage.WithJson(header, json);
        Seal(changed);
        return changed;
    }

    /// <summary>Makes the last four bytes of a header the checksum of the rest.</summary>
    static void Seal(byte[] header)
    {
        if (header.Length >= 4) BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(header.Length - 4), Crc32.HashToUInt32(header.AsSpan(0, header.Length - 4)));
    }
}
