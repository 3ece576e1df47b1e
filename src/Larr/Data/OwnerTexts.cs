using DuckDB.NET.Data;

namespace Larr.Data;

/// <summary>Writes the texts of items or users: for each owner the first one in the order of the view.</summary>
static class OwnerTexts
{
    public static void Write(
        SourceDatabase database, IReadOnlyList<FieldConfig> fields, TextOwner owner, IReadOnlyList<ColumnSink> sinks,
        ImpressionTableWriter writer, Dictionary<string, int> cardinalities)
    {
        List<FieldConfig> texts = [.. fields.Where(f => f.Role == FieldRole.Text && f.Of == owner)];
        if (texts.Count == 0) return;
        FieldRole role = owner == TextOwner.Item ? FieldRole.Item : FieldRole.User;
        CodeSink owners = sinks.OfType<CodeSink>().First(s => s.Field.Role == role);
        List<string?[]> textOf = [.. texts.Select(_ => new string?[owners.Values.Count])];

        // arg_min passes over null texts.
        string columns = string.Join(", ", texts.Select(t => $"arg_min(CAST({SourceDatabase.Identifier(t.Name)} AS VARCHAR), \"#row\")"));
        try
        {
            using DuckDBCommand command = database.Command(
                $"SELECT {owners.Sql}, {columns} FROM (SELECT *, row_number() OVER () AS \"#row\" FROM {SourceDatabase.View}) GROUP BY 1");
            using DuckDBDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                int code = owners.Values[reader.GetString(0)];
                for (int t = 0; t < texts.Count; t++)
                    textOf[t][code] = reader.IsDBNull(t + 1) || reader.GetString(t + 1).Length == 0 ? null : reader.GetString(t + 1);
            }
        }
        catch (DuckDBException e)
        {
            throw database.Complaint(e);
        }
        for (int t = 0; t < texts.Count; t++)
        {
            writer.Texts(texts[t].Name, textOf[t]);
            cardinalities[texts[t].Name] = textOf[t].Where(x => x is not null).Distinct().Count();
        }
    }
}
