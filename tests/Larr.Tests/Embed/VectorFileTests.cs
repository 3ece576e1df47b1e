using DuckDB.NET.Data;
using Larr.Embed;
using Larr.Index;
using Larr.Runs;
using Larr.Tests.Index;

namespace Larr.Tests.Embed;

public sealed class VectorFileTests
{
    [Fact]
    public void Rows_vectors_and_identity_are_read_back_in_their_order()
    {
        using var temporary = new TemporaryFolder();
        string path = temporary.At("it's a file.parquet");
        ValueText[] rows = [.. Rows.Of(5000), new ValueText("", "北京's", "it is\n北京 😀", long.MaxValue)];
        var identity = Rows.Identity with { Model = "it's \"quoted\"" };
        new VectorFile(identity, rows, Rows.Embed([.. rows.Select(r => r.Text)])).Write(path);

        VectorFile read = VectorFile.Read(path);
        Assert.Equal(identity, read.Identity);
        Assert.Equal(rows, read.Rows);
        Assert.All(rows.Zip(read.Vectors), pair => Assert.Equal(Rows.Vector(pair.First.Text), pair.Second));
    }

    [Fact]
    public void A_file_that_is_missing_or_not_parquet_is_one_line_of_complaint()
    {
        using var temporary = new TemporaryFolder();
        File.WriteAllText(temporary.At("text"), "no parquet");
        foreach (string name in new[] { "none", "text" })
        {
            string message = Assert.Throws<InputException>(() => VectorFile.Read(temporary.At(name))).Message;
            Assert.StartsWith(temporary.At(name), message);
            Assert.DoesNotContain('\n', message);
        }
    }

    [Theory]
    [InlineData("null", "'v'", "larr.identity: found null; expected model, tokenizer")]
    [InlineData("""{"model":null,"tokenizer":"t","template":"t","pooling":"mean","dimension":2}""", "'v'", "expected model, tokenizer")]
    [InlineData("""{"model":"m","pooling":"mean","dimension":2}""", "'v'", "expected model, tokenizer")]
    [InlineData("""{"model":"m","tokenizer":"t","template":"t","pooling":"mean","dimension":0}""", "'v'", "expected model, tokenizer")]
    [InlineData("""{"model":"m","tokenizer":"t","template":"t","pooling":"mean","dimension":2}""", "null", "row 0: found no value; expected")]
    public void A_file_of_another_program_that_leaves_something_out_is_one_line_of_complaint(string identity, string value, string complaint)
    {
        using var temporary = new TemporaryFolder();
        using (var connection = new DuckDBConnection("Data Source=:memory:"))
        {
            connection.Open();
            using DuckDBCommand command = connection.CreateCommand();
            command.CommandText = $"copy (select 'f' as field, {value}::varchar as value, 't' as text, '{ContentHash.Of("f", "t"):x32}' as hash, 1::bigint as popularity, [1, 0]::float[2] as vector) "
                + $"to '{temporary.At("vectors.parquet")}' (format parquet, kv_metadata {{\"larr.identity\": '{identity}'}})";
            command.ExecuteNonQuery();
        }
        Assert.Contains(complaint, Assert.Throws<InputException>(() => VectorFile.Read(temporary.At("vectors.parquet"))).Message);
    }

    [Fact]
    public void The_index_stage_publishes_the_vectors_of_the_file()
    {
        using var temporary = new TemporaryFolder();
        ValueText[] rows = Rows.Of(30);
        new VectorFile(Rows.Identity, rows, Rows.Embed([.. rows.Select(r => r.Text)])).Write(temporary.At("vectors.parquet"));
        IndexReport report = IndexStage.Run(new IndexConfig(), temporary.Path, new StageContext(temporary.Path, 1, new Progress<StageProgress>(), default));

        Assert.Equal((1, 30), (report.Generation, report.Rows));
        Assert.Equal(["meal=value 27", "weather=value 29"], report.Neighbours.Keys);
        Assert.True(File.Exists(temporary.At("report.json")));
        using Generation live = new IndexFolder(temporary.At("index")).OpenLive(Rows.Identity);
        IndexVerify.Check(live, 30);
    }
}
