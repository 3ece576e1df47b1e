namespace Larr.Export;

/// <summary>What a token is, under llama.cpp's own numbers.</summary>
enum GgufTokenKind
{
    Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6,
}
