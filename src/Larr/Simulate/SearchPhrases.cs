namespace Larr.Simulate;

/// <summary>
/// A few thousand search phrases put together from a quality and a dish. Their frequency falls like Zipf's law, and a part
/// of them is first searched in later days, so that many are rare and some are new when a model is tested.
/// </summary>
sealed class SearchPhrases
{
    public const string None = "nothing";

    static readonly string[] s_mainWords = ["hot", "spicy", "cheap", "quick", "healthy", "hearty", "fresh", "mild", "big", "fancy", "late night", "steaming", "crispy", "light", "rich", "family"];

    static readonly string[] s_coolWords = ["iced", "fresh", "cheap", "sweet", "frozen", "light", "big", "fancy", "quick", "chilled"];

    static readonly string[] s_morningWords = ["quick", "healthy", "hearty", "cheap", "fresh", "light", "warm", "big"];

    static readonly string[] s_mains =
    [
        "noodle soup", "beef noodles", "fried rice", "rice bowl", "pork ramen", "ramen", "hotpot", "lamb skewers", "burger", "chicken burger", "pizza",
        "seafood pizza", "sushi", "salmon sushi", "curry", "chicken curry", "tacos", "beef burrito", "dumplings", "prawn dumplings", "wonton soup", "steak",
        "fried chicken", "chicken wings", "kebab", "lamb kebab", "pho", "chicken salad", "tofu stew", "vegetable soup", "porridge", "chicken congee",
        "grilled fish", "crab", "prawn", "pasta", "barbecue ribs", "roast duck", "sandwich", "lentil soup", "mushroom soup", "fish stew", "nachos", "bento",
        "squid", "pork rice", "beef stew", "avocado wrap", "tuna salad", "family feast",
    ];

    static readonly string[] s_cools =
    [
        "mango dessert", "lemon tea", "milk tea", "bubble tea", "coffee", "latte", "mango smoothie", "berry smoothie", "apple juice", "lemonade", "beer", "cider",
        "chocolate cake", "cheesecake", "strawberry cake", "mango pudding", "ice cream", "chocolate sundae", "coconut sorbet", "strawberry gelato", "lemon sorbet",
        "fruit juice", "caramel latte", "vanilla ice cream", "honey waffle", "coconut milk tea",
    ];

    static readonly string[] s_mornings =
    [
        "breakfast", "pancakes", "bacon and eggs", "omelette", "croissant", "granola", "oat porridge", "toast", "bagel", "egg sandwich", "steamed buns", "brunch", "muffin", "yoghurt",
    ];

    static readonly string[] s_endings = ["", " near me", " for two", " for the family", " set", " to share"];

    readonly WeightedChoice _choice;
    readonly float[] _firstDay;

    public SearchPhrases(Lexicon lexicon, Chance chance)
    {
        var phrases = new List<string>();
        AddAll(phrases, s_mainWords, s_mains);
        AddAll(phrases, s_coolWords, s_cools);
        AddAll(phrases, s_morningWords, s_mornings);
        // Fisher and Yates: the rank of a phrase is by chance.
        for (int i = phrases.Count - 1; i > 0; i--)
        {
            int j = chance.Below(i + 1);
            (phrases[i], phrases[j]) = (phrases[j], phrases[i]);
        }
        Texts = phrases;
        Meanings = [.. phrases.Select(p => SceneMeanings.Unit(lexicon.Meaning(p)))];
        _choice = new WeightedChoice([.. phrases.Select((_, rank) => 1f / (rank + 5))]);
        _firstDay = [.. phrases.Select(_ => chance.Happens(0.25f) ? chance.Uniform() : 0)];
    }

    public IReadOnlyList<string> Texts { get; }

    public IReadOnlyList<float[]> Meanings { get; }

    /// <summary>A phrase in use on a day (as a share of all days), likelier when it says what the user wants.</summary>
    public int Draw(Chance chance, float day, float[] wish)
    {
        int best = -1;
        float bestScore = float.NegativeInfinity;
        for (int trial = 0; trial < 4; trial++)
        {
            int phrase = _choice.Draw(chance);
            if (_firstDay[phrase] > day) continue;
            float score = Facets.Dot(wish, Meanings[phrase]) + (0.5f * chance.Gaussian());
            if (score > bestScore) (best, bestScore) = (phrase, score);
        }
        return best;
    }

    static void AddAll(List<string> phrases, string[] words, string[] dishes)
    {
        foreach (string dish in dishes)
        {
            foreach (string ending in s_endings)
            {
                phrases.Add(dish + ending);
                foreach (string word in words)
                    if (!dish.Contains(word, StringComparison.Ordinal)) phrases.Add($"{word} {dish}{ending}");
            }
        }
    }
}
