namespace Larr.Embed;

/// <summary>What a set of vectors was made with. Vectors of different identities are never mixed.</summary>
/// <param name="Model">SHA-256, in hex, of the encoder's weights.</param>
/// <param name="Tokenizer">SHA-256, in hex, of the tokenizer.</param>
/// <param name="Template">SHA-256, in hex, of the templates that say the values in words.</param>
/// <param name="Pooling">How token states become one vector, for example <c>mean</c>.</param>
/// <param name="Dimension">Number of components of a vector.</param>
public sealed record VectorIdentity(string Model, string Tokenizer, string Template, string Pooling, int Dimension)
{
    /// <summary>One line for messages; hashes are cut to twelve digits.</summary>
    public override string ToString() =>
        $"{{model {Short(Model)}, tokenizer {Short(Tokenizer)}, template {Short(Template)}, pooling {Pooling}, dimension {Dimension}}}";

    static string Short(string hash) => hash.Length <= 12 ? hash : hash[..12];
}
