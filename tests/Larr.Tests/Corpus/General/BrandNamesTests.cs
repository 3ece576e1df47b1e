using System.IO.Compression;
using System.Text;
using Larr.Corpus.General;
using Larr.Runs;

namespace Larr.Tests.Corpus.General;

public sealed class BrandNamesTests
{
    static string Line(string name, string category, string? cuisine, string tags = "{}", string? takeaway = null) =>
        $$"""{"name": "{{name}}", "cat": "brands/{{category}}", "cuisine": {{(cuisine is null ? "null" : $"\"{cuisine}\"")}}, "takeaway": {{(takeaway is null ? "null" : $"\"{takeaway}\"")}}, "delivery": null, "tags": {{tags}}}""";

    [Fact]
    public void A_brand_is_read_with_its_kind_foods_and_English_name()
    {
        Brand brand = Brand.Parse(Line("点都德 (China)", "amenity/restaurant", "cantonese;dim_sum", """{"name:en": "Diandoude"}""", "yes"))!;
        Assert.Equal(("点都德 (Diandoude)", "restaurant", true, false), (brand.Name, brand.Kind, brand.Takeaway, brand.Delivery));
        Assert.Equal(["cantonese", "dim sum"], brand.Foods);
        Assert.Null(Brand.Parse(Line("Little Library", "amenity/public_bookcase", null)));
    }

    [Fact]
    public void Sentences_go_from_the_name_to_the_food_and_back()
    {
        Brand[] brands = [Brand.Parse(Line("Tealand", "amenity/cafe", "bubble_tea;taiwanese", takeaway: "yes"))!, Brand.Parse(Line("Corner", "shop/convenience", null))!];
        Assert.Equal(
            [
                "Tealand is a café with bubble tea and taiwanese food. Takeaway is possible.",
                "At Tealand there is bubble tea and taiwanese food.",
                "Who wants bubble tea and taiwanese food goes to a café such as Tealand.",
                "Corner is a convenience shop.",
                "Café with bubble tea: Tealand.",
                "Café with taiwanese food: Tealand.",
                "Convenience shop: Corner.",
            ],
            new BrandNames(brands, 1).Documents().Select(d => d.Text));
    }

    [Theory]
    [InlineData("japanese", true)]
    [InlineData("italian", true)]
    [InlineData("thai", true)]
    [InlineData("british", true)]
    [InlineData("bubble tea", false)]
    [InlineData("pizza", false)]
    [InlineData("fish", false)]
    public void Cuisines_are_told_from_foods(string food, bool cuisine) => Assert.Equal(cuisine, Brand.IsCuisine(food));

    [Fact]
    public void A_malformed_line_is_named()
    {
        string file = Path.GetTempFileName();
        try
        {
            using (var gzip = new GZipStream(File.Create(file), CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(Line("A", "shop/tea", null) + "\n{oops\n"));
            Assert.Contains("line 2: found {oops", Assert.Throws<InputException>(() => Brand.Read(file)).Message);
        }
        finally { File.Delete(file); }
    }
}
