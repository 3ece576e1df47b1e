namespace Larr.Data;

/// <summary>Vectors made elsewhere, by key.</summary>
public sealed record VectorSourceConfig
{
    /// <summary>
    /// Path, relative to the experiment file, of Parquet (<c>*</c> matches several files) with a column <c>key</c> or <c>value</c> and a column <c>vector</c>, as <c>larr
    /// embed</c> and <c>larr features</c> write it, or of a folder with an index of LARR. <c>${NAME}</c> stands for an environment variable.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>In an index, or in files with a column <c>field</c>: the field whose values are the keys. Default: the name of this field.</summary>
    public string? Field { get; init; }

    /// <summary>What the vectors must have been made with, as LARR prints it: <c>{model …, tokenizer …, template …, pooling …, dimension …}</c>. Default: anything.</summary>
    public string? Identity { get; init; }
}
