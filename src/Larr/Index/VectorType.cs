namespace Larr.Index;

/// <summary>How the components of a vector are stored.</summary>
public enum VectorType
{
    /// <summary>4 bytes each: exactly the embedder's vectors.</summary>
    Float32,

    /// <summary>2 bytes each (IEEE binary16): cosines move by about 1e-4.</summary>
    Float16,

    /// <summary>1 byte each, and one scale for each vector: cosines move by about 1e-2.</summary>
    Int8,
}
