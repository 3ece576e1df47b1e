using Larr.Runs;

namespace Larr.Data;

/// <summary>What the fields of an experiment must satisfy before any data is read.</summary>
static class FieldRules
{
    /// <summary>Ten real-time scene features, as in LARR (arXiv 2408.11523, section on serving).</summary>
    public const int MostSceneFields = 10;

    static readonly FieldRole[] s_once = [FieldRole.Label, FieldRole.Item];

    static readonly FieldRole[] s_many = [FieldRole.Scene, FieldRole.Behaviour, FieldRole.Text, FieldRole.Feature, FieldRole.Number, FieldRole.Tags, FieldRole.Embedding];

    static readonly FieldRole[] s_withRows = [FieldRole.User, FieldRole.Item, FieldRole.Scene, FieldRole.Domain, FieldRole.Feature, FieldRole.Number, FieldRole.Tags];

    static readonly FieldRole[] s_hashed = [FieldRole.User, FieldRole.Item, FieldRole.Scene, FieldRole.Domain, FieldRole.Feature];

    /// <summary>Throws for the first broken rule; <paramref name="file"/> is named in the complaint.</summary>
    public static void Check(string file, IReadOnlyList<FieldConfig> fields)
    {
        foreach (FieldRole role in Enum.GetValues<FieldRole>())
        {
            int count = fields.Count(f => f.Role == role);
            if (count == 0 && s_once.Contains(role)) throw new InputException(file, "data.fields", $"no field with the role {Name(role)}", "one");
            if (count > 1 && !s_many.Contains(role)) throw new InputException(file, "data.fields", $"{count} fields with the role {Name(role)}", "at most one");
        }
        int scenes = fields.Count(f => f.Role == FieldRole.Scene);
        if (scenes > MostSceneFields) throw new InputException(file, "data.fields", $"{scenes} scene fields", $"at most {MostSceneFields}");

        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        bool hasUser = fields.Any(f => f.Role == FieldRole.User);
        foreach (FieldConfig field in fields)
        {
            string place = "data.fields." + field.Name;
            if (field.Name.Length == 0 || !field.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
                throw new InputException(file, "data.fields", $"the name '{field.Name}'", "letters, digits, _ and - (rename the column in the view)");
            if (!names.Add(field.Name)) throw new InputException(file, place, "a second field of this name", "each column once");
            if (!field.Template.Contains("{value}", StringComparison.Ordinal))
                throw new InputException(file, place + ".template", $"'{field.Template}'", "a sentence with {value} in it");
            if (field.Buckets is < 0 or 1) throw new InputException(file, place + ".buckets", $"{field.Buckets}", "2 or more, or 0 for a scaled value");
            if (field.Hash is < 1) throw new InputException(file, place + ".hash", $"{field.Hash}", "1 or more");
            if (field.MinCount is < 1) throw new InputException(file, place + ".minCount", $"{field.MinCount}", "1 or more");
            if (field.Hash is not null && !s_hashed.Contains(field.Role))
                throw new InputException(file, place + ".hash", $"a field of the role {Name(field.Role)}", "one of the roles " + string.Join(", ", s_hashed.Select(Name)));
            if (field.MinCount is not null && (field.Hash is not null || field.Role is FieldRole.Number || !s_withRows.Contains(field.Role)))
                throw new InputException(file, place + ".minCount", field.Hash is null ? $"a field of the role {Name(field.Role)}" : "a hashed field", "a field with a vocabulary");
            if (field.Dimension is < 1) throw new InputException(file, place + ".dimension", $"{field.Dimension}", "1 or more");
            if (field.Dimension is not null && !s_withRows.Contains(field.Role))
                throw new InputException(file, place + ".dimension", $"a field of the role {Name(field.Role)}", "one of the roles " + string.Join(", ", s_withRows.Select(Name)));
            if (field.Role == FieldRole.Embedding && field.Vectors is null) throw new InputException(file, place + ".vectors", "nothing", "where the vectors are, such as { \"path\": \"vectors.parquet\" }");
            if (field.Role != FieldRole.Embedding && field.Vectors is not null) throw new InputException(file, place + ".vectors", $"a field of the role {Name(field.Role)}", "the role embedding");
            if (field is { Role: FieldRole.Text, Of: TextOwner.User } && !hasUser)
                throw new InputException(file, place, "a text of the user", "a field with the role user");
        }
    }

    static string Name(FieldRole role) => role.ToString().ToLowerInvariant();
}
