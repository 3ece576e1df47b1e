using Larr.Runs;

namespace Larr.Experiments;

/// <summary>The rows that an experiment file names under <c>ablate.variants</c>.</summary>
static class FileVariants
{
    const string Place = "ablate.variants";

    // What belongs to the table as a whole: rows of other impressions could not be compared in pairs. The seed draws sampled negatives.
    static readonly string[] s_ofTheTable = ["name", "seed", "seeds", "ablate", "simulate", "data.sources", "data.view", "data.negatives", "data.split"];

    /// <summary>The experiment as it stands, then each variant. All settings are read at once: a wrong one in the last row is told before the first row is trained.</summary>
    /// <param name="file">The file, and the settings that it was read with; those of a variant come after them.</param>
    /// <exception cref="InputException">There is no variant, one has no name of its own, or a setting is wrong or belongs to the table as a whole.</exception>
    internal static IReadOnlyList<Variant> Of(ExperimentFile file)
    {
        IReadOnlyList<VariantConfig> variants = file.Experiment.Ablate.Variants;
        if (variants.Count == 0) throw new InputException(file.Path, Place, "none", "rows such as { \"name\": \"wider\", \"set\": [\"ctr.hidden=[512,256]\"] }");
        List<Variant> rows = [Variant.Baseline];
        for (int v = 0; v < variants.Count; v++)
        {
            string name = variants[v].Name, place = $"{Place}[{v}]";
            if (name.Length == 0 || rows.Any(r => r.Name == name)) throw new InputException(file.Path, place + ".name", $"'{name}'", "a name of its own");
            foreach (string setting in variants[v].Set)
            {
                string key = setting.Split('=')[0];
                if (s_ofTheTable.Any(whole => key == whole || key.StartsWith(whole + ".", StringComparison.Ordinal)))
                    throw new InputException(file.Path, place + ".set", $"'{setting}'", "a setting of a stage; this one belongs to the table as a whole");
            }
            Experiment changed = Changed(file, variants[v], place + ".set");
            rows.Add(new Variant(name, _ => changed));
        }
        return rows;
    }

    static Experiment Changed(ExperimentFile file, VariantConfig variant, string place)
    {
        try
        {
            return file.With(variant.Set).Experiment;
        }
        catch (InputException e)
        {
            throw new InputException($"{file.Path}: {place}", e.Message);
        }
    }
}
