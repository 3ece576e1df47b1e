namespace Larr.Data;

/// <summary>A text inside a statement for DuckDB.</summary>
static class SqlLiteral
{
    /// <summary>The text in quotation marks, those within it doubled.</summary>
    public static string Of(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
