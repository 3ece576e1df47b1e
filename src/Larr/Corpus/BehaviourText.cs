namespace Larr.Corpus;

/// <summary>
/// What was clicked in a scene, in words: <c>&lt;|weather|&gt; light rain &lt;|period|&gt; lunch &lt;|clicked|&gt; &lt;|category|&gt; noodles</c>.
/// A causal model learns from it which items a scene asks for (behaviour as text after HKFR, arXiv 2308.03333; the form is our choice).
/// </summary>
public sealed class BehaviourText(SceneText scenes, ItemText items)
{
    /// <summary>Separates the scene from the item that was clicked in it.</summary>
    public const string ClickedToken = "<|clicked|>";

    /// <summary>The document of one click with at most <paramref name="fields"/> scene fields, drawn at random, in the table's order.</summary>
    public string Of(int row, int item, int fields, Random random) =>
        $"{scenes.Sentence(row, scenes.Draw(fields, random))} {ClickedToken} {items.Targets(item)}".TrimStart();
}
