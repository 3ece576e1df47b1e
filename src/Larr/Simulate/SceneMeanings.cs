namespace Larr.Simulate;

/// <summary>Facet vectors of every value of the scene's closed vocabularies.</summary>
sealed class SceneMeanings(Lexicon lexicon)
{
    public float[][] Weather { get; } = [.. SceneWords.Weather.Select(w => lexicon.Meaning(w.Name))];

    public float[][] Periods { get; } = [.. SceneWords.Periods.Select(p => lexicon.Meaning(p.Name))];

    public float[][] Weekdays { get; } = [.. SceneWords.Weekdays.Select(lexicon.Meaning)];

    public float[][] Places { get; } = [.. ScenePlaces.All.Select(p => lexicon.Meaning(p.Name))];

    public float[][] Company { get; } = [.. SceneWords.Company.Select(c => lexicon.Meaning(c.Name))];

    public float[][] Supply { get; } = [.. SceneWords.Supply.Select(s => lexicon.Meaning(s.Name))];

    /// <summary>Meaning of a holiday's name.</summary>
    public float[] Holiday(string name) => lexicon.Meaning(name);

    /// <summary>Who the user is: age and occupation are phrases of their own.</summary>
    public float[] Diner(Resident resident)
    {
        float[] meaning = lexicon.Meaning(resident.Age);
        Facets.Add(meaning, lexicon.Meaning(resident.Occupation), 1);
        return meaning;
    }

    /// <summary>The vector at length one; zero stays zero.</summary>
    public static float[] Unit(float[] vector)
    {
        float norm = Facets.Norm(vector);
        if (norm > 0) Facets.Scale(vector, 1 / norm);
        return vector;
    }
}
