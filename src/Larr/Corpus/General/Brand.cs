using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using Larr.Runs;

namespace Larr.Corpus.General;

/// <summary>A brand of shops or restaurants out of the Name Suggestion Index.</summary>
/// <param name="Name">Its name, with the English form in brackets where that differs.</param>
/// <param name="Kind">What its places are: "fast food restaurant", "café", "supermarket" …</param>
/// <param name="Foods">What is sold: cuisines ("chinese") and foods ("bubble tea").</param>
/// <param name="Takeaway">Whether it is known to hand out food to take away.</param>
/// <param name="Delivery">Whether it is known to deliver.</param>
public sealed partial record Brand(string Name, string Kind, IReadOnlyList<string> Foods, bool Takeaway, bool Delivery)
{
    /// <summary>Reads the .jsonl.gz file; brands whose kind has nothing to do with food are left out.</summary>
    public static IReadOnlyList<Brand> Read(string file)
    {
        if (!File.Exists(file)) throw new InputException(file, "no such file; the Name Suggestion Index extract is needed");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        List<Brand> brands = [];
        int number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            try
            {
                if (Parse(line) is { } brand) brands.Add(brand);
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new InputException(file, $"line {number}", InputException.Excerpt(line), "a JSON object with name, cat, cuisine and tags");
            }
        }
        return brands;
    }

    /// <summary>One line of the file; null for a kind of no interest.</summary>
    public static Brand? Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        string category = Text(root, "cat");
        string? kind = KindOf(category[(category.LastIndexOf('/') + 1)..]);
        if (kind is null) return null;
        string name = Bracket().Replace(Text(root, "name"), "").Trim(), english = Text(root.GetProperty("tags"), "name:en");
        if (english.Length > 0 && english != name) name += $" ({english})";
        string[] foods = [.. Text(root, "cuisine").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(FoodOf).Distinct()];
        return new(name, kind, foods, Text(root, "takeaway") == "yes", Text(root, "delivery") == "yes");
    }

    static string Text(JsonElement element, string key) =>
        element.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    static string? KindOf(string category) => category switch
    {
        "fast_food" => "fast food restaurant",
        "cafe" => "café",
        "ice_cream" => "ice cream parlour",
        "bakery" or "pub" or "bar" or "restaurant" or "supermarket" => category,
        "convenience" or "pastry" or "tea" or "coffee" => category + " shop",
        "confectionery" => "sweet shop",
        "deli" => "delicatessen",
        _ => null,
    };

    static string FoodOf(string cuisine) => cuisine switch
    {
        "coffee_shop" => "coffee",
        "steak_house" => "steak",
        "friture" => "chips",
        _ => cuisine.Replace('_', ' '),
    };

    /// <summary>Whether a food is a cuisine ("chinese"), which is said as "chinese food".</summary>
    public static bool IsCuisine(string food) => Cuisine().IsMatch(food);

    [GeneratedRegex(@"\s*\([^)]*\)$")]
    private static partial Regex Bracket();

    [GeneratedRegex(@"(ese|[kldnt]ish|ian|ean|can|asian|french|thai|greek|german|indonesian|tex-mex|international|regional|oriental|stani|arab|cajun|creole)$")]
    private static partial Regex Cuisine();
}
