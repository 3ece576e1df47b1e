using DuckDB.NET.Data;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Embed;
using Larr.Index;
using Larr.Runs;

namespace Larr.Tests.Ctr;

/// <summary>Vectors by key, from each kind of file; what cannot be used is one line with file, place, value and what was expected.</summary>
public sealed class KeyedVectorsTests : IDisposable
{
    static readonly VectorIdentity s_identity = new("1234567890abcdef", "t", "u", "mean", 2);
    readonly TemporaryFolder _folder = new();

    void Write(string file, string select, string? identity = null)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"COPY ({select}) TO '{_folder.At(file)}' (FORMAT parquet{(identity is null ? "" : $", KV_METADATA {{\"larr.identity\": '{identity}'}}")})";
        command.ExecuteNonQuery();
    }

    KeyedVectors Read(string path, string? field = null, string? identity = null) => KeyedVectors.Read(Field(path, field, identity), _folder.Path);

    static FieldConfig Field(string path, string? field = null, string? identity = null) =>
        new() { Name = "picture", Role = FieldRole.Embedding, Vectors = new() { Path = path, Field = field, Identity = identity } };

    string Complaint(string path, string? field = null, string? identity = null)
    {
        string message = Assert.Throws<InputException>(() => Read(path, field, identity)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    static void Holds(KeyedVectors found, string[] keys, params float[] vectors)
    {
        Assert.Equal(keys, found.Keys);
        Assert.Equal(vectors, found.Vectors);
        Assert.Equal(vectors.Length / keys.Length, found.Dimension);
    }

    [Fact]
    public void Keys_and_vectors_of_any_numeric_type()
    {
        Write("a.parquet", "SELECT * FROM (VALUES ('x', [1.5::FLOAT, 2]), ('y', [3, -4])) t(key, vector)");
        Holds(Read("a.parquet"), ["x", "y"], 1.5f, 2, 3, -4);
        Assert.Null(Read("a.parquet").Identity);
        Write("b.parquet", "SELECT * FROM (VALUES (7, [1, 2]::DOUBLE[2]), (8, [3, 4]::DOUBLE[2])) t(value, vector)");
        Holds(Read("b.parquet"), ["7", "8"], 1, 2, 3, 4);
    }

    [Fact]
    public void Whole_numbers_have_a_scale_and_unsigned_ones_are_halves()
    {
        Write("int8.parquet", "SELECT 'x' AS value, [100, -50]::TINYINT[2] AS vector, 0.01::FLOAT AS scale");
        Holds(Read("int8.parquet"), ["x"], 100 * .01f, -50 * .01f);
        Write("half.parquet", $"SELECT 'x' AS value, [{BitConverter.HalfToUInt16Bits((Half)1.5f)}, {BitConverter.HalfToUInt16Bits((Half)(-2))}]::USMALLINT[2] AS vector");
        Holds(Read("half.parquet"), ["x"], 1.5f, -2);
    }

    [Fact]
    public void Parts_are_read_in_the_order_of_their_names_and_each_file_is_hashed()
    {
        Write("part-1.parquet", "SELECT 'y' AS key, [3.0, 4.0] AS vector");
        Write("part-0.parquet", "SELECT 'x' AS key, [1.0, 2.0] AS vector");
        Holds(Read("part-*.parquet"), ["x", "y"], 1, 2, 3, 4);
        IReadOnlyDictionary<string, string> before = KeyedVectors.Hashes(Field("part-*.parquet"), _folder.Path);
        Assert.Equal(["picture/part-0.parquet", "picture/part-1.parquet"], before.Keys.Order());
        Write("part-1.parquet", "SELECT 'y' AS key, [3.0, 5.0] AS vector");
        IReadOnlyDictionary<string, string> after = KeyedVectors.Hashes(Field("part-*.parquet"), _folder.Path);
        Assert.Equal(before["picture/part-0.parquet"], after["picture/part-0.parquet"]);
        Assert.NotEqual(before["picture/part-1.parquet"], after["picture/part-1.parquet"]);
    }

    [Fact]
    public void What_larr_writes_of_several_fields_is_read_by_field_with_its_identity()
    {
        var file = new VectorFile(s_identity, [new("weather", "rain", "it rains", 1), new("meal", "lunch", "it is lunch", 1), new("weather", "sun", "sun", 1)], [[1, 2], [3, 4], [5, 6]]);
        file.Write(_folder.At("values.parquet"));
        Holds(Read("values.parquet", "weather", s_identity.ToString()), ["rain", "sun"], 1, 2, 5, 6);
        Assert.Equal(s_identity.ToString(), Read("values.parquet", "meal").Identity);
        Assert.EndsWith("values.parquet: field: found meal, weather; expected picture, or name another as vectors.field", Complaint("values.parquet"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_is_read_by_field_and_a_new_generation_is_another_input()
    {
        var index = new IndexFolder(_folder.At("index"));
        void Refresh(params ValueText[] rows) =>
            IndexRefresh.Run(new IndexConfig(), index, s_identity, rows, texts => [.. texts.Select(t => t == "it rains" ? new float[] { 0, 1 } : [1, 0])]);
        Refresh(new ValueText("weather", "rain", "it rains", 1), new ValueText("meal", "lunch", "it is lunch", 1));
        Holds(Read("index", "weather"), ["rain"], 0, 1);
        Assert.Equal(s_identity.ToString(), Read("index", "weather").Identity);
        Assert.Contains("index: field: found meal, weather; expected picture", Complaint("index"), StringComparison.Ordinal);
        Assert.Contains("index: larr.identity: found {model 1234567890ab, tokenizer t, template u, pooling mean, dimension 2}; expected {model b}", Complaint("index", "weather", "{model b}"), StringComparison.Ordinal);
        Assert.Throws<InputException>(() => KeyedVectors.Hashes(Field("index", "weather", "{model b}"), _folder.Path));
        string before = KeyedVectors.Hashes(Field("index"), _folder.Path).Values.Single();
        Refresh(new ValueText("weather", "rain", "it rains", 1), new ValueText("weather", "fog", "fog", 1));
        Assert.NotEqual(before, KeyedVectors.Hashes(Field("index"), _folder.Path).Values.Single());
    }

    [Theory]
    [InlineData("SELECT 'x' AS name, [1.0] AS vector", "columns: found name, vector; expected a column key or value")]
    [InlineData("SELECT 'x' AS key, [1.0] AS vec", "columns: found key, vec; expected a column vector")]
    [InlineData("SELECT 'x' AS key, 'y' AS vector", "column vector: found the type VARCHAR; expected a list of numbers")]
    [InlineData("SELECT 'x' AS key, ['much'] AS vector", "reading it: found 'Conversion Error")]
    [InlineData("SELECT 'x' AS key, ['nan'::FLOAT, 1] AS vector", "row 1, vector of \"x\": found NaN; expected finite numbers")]
    [InlineData("SELECT 'x' AS key, [1, '-inf'::FLOAT] AS vector", "row 1, vector of \"x\": found infinity; expected finite numbers")]
    [InlineData("SELECT 'x' AS key, [1.0, NULL] AS vector", "row 1, vector of \"x\": found NaN; expected finite numbers")]
    [InlineData("SELECT 'x' AS key, NULL::FLOAT[] AS vector", "row 1, vector of \"x\": found nothing; expected numbers")]
    [InlineData("SELECT 'x' AS key, []::FLOAT[] AS vector", "row 1, vector of \"x\": found no number; expected 1 or more")]
    [InlineData("SELECT * FROM (VALUES ('x', [1.0, 2.0]), ('y', [3.0])) t(key, vector)", "row 2, vector of \"y\": found 1 numbers; expected 2, as the vectors before it")]
    [InlineData("SELECT * FROM (VALUES ('x', [1.0]), (NULL, [3.0])) t(key, vector)", "row 2, key: found nothing; expected a key")]
    [InlineData("SELECT * FROM (VALUES ('x', [1.0]), ('x', [3.0])) t(key, vector)", "row 2, key: found \"x\" again; expected each key once")]
    [InlineData("SELECT 'x' AS key, [1.0] AS vector WHERE false", "picture: found no vector; expected a vector per key")]
    public void A_file_that_cannot_be_used(string select, string expected)
    {
        Write("a.parquet", select);
        Assert.Contains("a.parquet: " + expected, Complaint("a.parquet"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_missing_or_no_Parquet_and_a_folder_that_is_no_index()
    {
        Assert.EndsWith("gone.parquet: no such file or index; data.fields.picture.vectors.path is gone.parquet", Complaint("gone.parquet"), StringComparison.Ordinal);
        Assert.Throws<InputException>(() => KeyedVectors.Hashes(Field("gone.parquet"), _folder.Path));
        _folder.Write("a.parquet", "not parquet");
        Assert.Contains("a.parquet: reading it: found '", Complaint("a.parquet"), StringComparison.Ordinal);
        Directory.CreateDirectory(_folder.At("empty"));
        Assert.Contains("there is no live generation here", Complaint("empty"), StringComparison.Ordinal);
    }

    [Fact]
    public void Vectors_of_another_identity_than_the_experiment_says_or_than_the_file_before()
    {
        string json = "{\"model\":\"m\",\"tokenizer\":\"t\",\"template\":\"u\",\"pooling\":\"mean\",\"dimension\":1}";
        const string said = "{model m, tokenizer t, template u, pooling mean, dimension 1}";
        Write("0.parquet", "SELECT 'x' AS key, [1.0] AS vector", json);
        Write("1.parquet", "SELECT 'y' AS key, [1.0] AS vector");
        Assert.Equal(said, Read("0.parquet", identity: said).Identity);
        Assert.EndsWith($"0.parquet: larr.identity: found {said}; expected {{model n}}; vectors of different identities are never mixed", Complaint("0.parquet", identity: "{model n}"), StringComparison.Ordinal);
        Assert.Contains("0.parquet: larr.identity", Assert.Throws<InputException>(() => KeyedVectors.Hashes(Field("0.parquet", identity: "{model n}"), _folder.Path)).Message, StringComparison.Ordinal);
        Assert.Single(KeyedVectors.Hashes(Field("0.parquet", identity: said), _folder.Path));
        Assert.Contains($"1.parquet: larr.identity: found nothing; expected {said}", Complaint("1.parquet", identity: said), StringComparison.Ordinal);
        Assert.Contains($"1.parquet: larr.identity: found nothing; expected {said}, as in 0.parquet", Complaint("*.parquet"), StringComparison.Ordinal);
        Write("2.parquet", "SELECT 'y' AS key, [1.0] AS vector", "soup");
        Assert.Contains("2.parquet: larr.identity: found soup; expected the identity of the vectors as JSON", Complaint("2.parquet"), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
