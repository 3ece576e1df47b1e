using System.Text;

namespace Larr.Serve;

/// <summary>Writes structures in Thrift's compact protocol, as far as Parquet's page headers and footer need it.</summary>
sealed class ThriftCompact
{
    const byte I32 = 5, I64 = 6, Binary = 8, List = 9, Struct = 12;
    readonly MemoryStream _bytes = new();
    readonly Stack<short> _outer = [];
    short _last;

    /// <summary>What was written so far.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.GetBuffer().AsSpan(0, (int)_bytes.Length);

    /// <summary>An integer of 32 bits or an enumeration value.</summary>
    public void Int(short id, int value)
    {
        Field(id, I32);
        Varint(ZigZag(value));
    }

    /// <summary>An integer of 64 bits.</summary>
    public void Long(short id, long value)
    {
        Field(id, I64);
        Varint(ZigZag(value));
    }

    /// <summary>A string.</summary>
    public void Text(short id, string value)
    {
        Field(id, Binary);
        Text(value);
    }

    /// <summary>A structure within this one.</summary>
    public void Nested(short id, Action fields)
    {
        Field(id, Struct);
        Element(fields);
    }

    /// <summary>A list of structures.</summary>
    public void Structures(short id, params ReadOnlySpan<Action> elements)
    {
        Header(id, Struct, elements.Length);
        foreach (Action element in elements) Element(element);
    }

    /// <summary>A list of strings.</summary>
    public void Texts(short id, params ReadOnlySpan<string> values)
    {
        Header(id, Binary, values.Length);
        foreach (string value in values) Text(value);
    }

    /// <summary>A list of integers.</summary>
    public void Ints(short id, params ReadOnlySpan<int> values)
    {
        Header(id, I32, values.Length);
        foreach (int value in values) Varint(ZigZag(value));
    }

    /// <summary>Ends the outermost structure.</summary>
    public void Stop() => _bytes.WriteByte(0);

    void Element(Action fields)
    {
        _outer.Push(_last);
        _last = 0;
        fields();
        Stop();
        _last = _outer.Pop();
    }

    void Header(short id, byte type, int count)
    {
        Field(id, List);
        if (count < 15) _bytes.WriteByte((byte)((count << 4) | type));
        else
        {
            _bytes.WriteByte((byte)(0xF0 | type));
            Varint((ulong)count);
        }
    }

    // Field numbers rise by less than 16 here, so the short form is enough.
    void Field(short id, byte type)
    {
        _bytes.WriteByte((byte)(((id - _last) << 4) | type));
        _last = id;
    }

    void Text(string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        Varint((ulong)bytes.Length);
        _bytes.Write(bytes);
    }

    static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) _bytes.WriteByte((byte)(value | 0x80));
        _bytes.WriteByte((byte)value);
    }
}
