using System.Text;

namespace Larr.Data;

/// <summary>A list of strings as a file: int32 count, then each string as a varint byte length and UTF-8 bytes.</summary>
public static class StringFile
{
    /// <summary>Writes the strings in order.</summary>
    public static void Write(string path, IReadOnlyCollection<string> strings)
    {
        using var writer = new BinaryWriter(File.Create(path), Encoding.UTF8);
        writer.Write(strings.Count);
        foreach (string s in strings) writer.Write(s);
    }

    /// <summary>How many strings there are, without reading them.</summary>
    public static int Count(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
        return reader.ReadInt32();
    }

    /// <summary>Reads all strings.</summary>
    public static string[] Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
        string[] strings = new string[reader.ReadInt32()];
        for (int i = 0; i < strings.Length; i++) strings[i] = reader.ReadString();
        return strings;
    }
}
