namespace Larr.Simulate;

/// <summary>Draws residents: who they are, where they live, what they like.</summary>
sealed class ResidentFactory(Lexicon lexicon, Chance chance)
{
    readonly Dictionary<string, int> _places = ScenePlaces.All.Select((p, i) => (p.Name, i)).ToDictionary(p => p.Name, p => p.i);

    public Resident[] Draw(int count) => [.. Enumerable.Range(0, count).Select(One)];

    Resident One(int id)
    {
        (string occupation, string workplace) = chance.Pick(ScenePlaces.Occupations);
        string age = occupation switch
        {
            "pensioner" => "elderly",
            "school pupil" => "teenage",
            "university student" => "young",
            _ => chance.Pick(["young", "young", "middle-aged"]),
        };
        int home = chance.Below(SceneWords.Regions.Count);

        // Two facets liked and one disliked are told in words; smaller leanings are not.
        float[] taste = Facets.Gaussian(chance);
        Facets.Scale(taste, 0.35f);
        int first = chance.Below(Facets.Count), second = Other(first, first), disliked = Other(first, second);
        taste[first] += 1.3f;
        taste[second] += 1;
        taste[disliked] -= 1;
        Facets.Add(taste, lexicon.Meaning(age), 0.3f);
        Facets.Add(taste, lexicon.Meaning(occupation), 0.3f);

        return new Resident
        {
            Id = id,
            Age = age,
            Occupation = occupation,
            Workplace = _places[workplace],
            Home = home,
            Neighbourhood = chance.Pick(SceneWords.Regions[home].Neighbourhoods),
            TasteWords = $"likes {SceneWords.Taste[first].Likes} and {SceneWords.Taste[second].Likes}, prefers {SceneWords.Taste[disliked].Dislikes}",
            Taste = taste,
            Sensitivity = Facets.Gaussian(chance),
            Activity = MathF.Exp(chance.Gaussian()),
        };
    }

    int Other(int a, int b)
    {
        int facet;
        do facet = chance.Below(Facets.Count);
        while (facet == a || facet == b);
        return facet;
    }
}
