using System.Diagnostics;
using Larr.Embed;
using Larr.Index;
using Larr.Runs;
using Larr.Tests.Cli;

namespace Larr.Tests.Index;

public sealed class IndexReaderTests
{
    [Fact]
    public void A_reader_keeps_its_generation_until_it_asks_for_the_next()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(10));
        using var reader = new IndexReader(folder);
        Assert.False(reader.Advance());
        using GenerationLease old = reader.Lease();

        for (int n = 11; n < 16; n++) Rows.Refresh(folder, Rows.Of(n), new IndexConfig { KeepGenerations = 1 });
        Assert.Equal(1, reader.Number);
        Assert.True(reader.Advance());
        Assert.Equal(6, reader.Number);
        using (GenerationLease current = reader.Lease()) Rows.AssertHolds(current.Generation, Rows.Of(15));
        Rows.AssertHolds(old.Generation, Rows.Of(10)); // held, though it is neither current nor on disk
        Generation closed = old.Generation;
        old.Dispose();
        Assert.Throws<ObjectDisposedException>(() => closed.Text(0));
    }

    [Fact]
    public void A_reader_refuses_a_generation_of_another_identity_and_stays_where_it_is()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(10));
        Assert.Contains("model-b", Assert.Throws<InputException>(() => new IndexReader(folder, Rows.Identity with { Model = "model-b" })).Message);
    }

    [Fact]
    public async Task Not_one_read_fails_during_fifty_refreshes()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        const int Count = 200;
        ValueText[] Round(int round) => [.. Rows.Of(Count).Select((r, i) => r with { Text = $"{(i % 10 == round % 10 ? round : 0)} {r.Value}", Popularity = round })];
        Rows.Refresh(folder, Round(0));
        using var reader = new IndexReader(folder, Rows.Identity);
        using var stop = new CancellationTokenSource();
        Task<int>[] readers = [.. Enumerable.Range(0, 2).Select(t => Task.Run(() =>
        {
            int reads = 0;
            for (; !stop.IsCancellationRequested || reads == 0; reads++)
            {
                if (reads % 4 == 0) reader.Advance();
                using GenerationLease lease = reader.Lease();
                Generation live = lease.Generation;
                int round = live.Number - 1;
                for (int i = t; i < Count; i += 17)
                {
                    ValueText right = Round(round)[i];
                    Assert.True(live.TryGet(right.Field, right.Value, out int row));
                    Assert.Equal(right.Popularity, live.Popularity(row));
                    Assert.EndsWith(right.Value, live.Text(row));
                    Assert.Equal(Rows.Vector(live.Text(row)), live.Vector(row).ToArray());
                }
                Assert.Equal(live.Count, live.Search(Rows.Vector("a"), Count + 1).Count);
            }
            return reads;
        }))];
        for (int round = 1; round <= 50; round++) Rows.Refresh(folder, Round(round), new IndexConfig { KeepGenerations = 1, Canaries = 0 });
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(readers), reads => Assert.True(reads > 0));
        reader.Advance();
        Assert.Equal(51, reader.Number);
    }

    [Fact]
    public async Task A_writer_of_another_process_is_refused_with_the_owners_name_and_a_reader_is_not()
    {
        using var temporary = new TemporaryFolder();
        IndexFolder folder = Rows.Unflushed(temporary.Path);
        Rows.Refresh(folder, Rows.Of(10));
        using (folder.Lock())
        {
            (int exit, _, string error) = await Larr("index", "gc", "--index", temporary.Path);
            Assert.Equal(2, exit);
            Assert.Contains($"in use by process {Environment.ProcessId} ", error);
            (exit, string output, error) = await Larr("index", "verify", "--index", temporary.Path);
            Assert.True(exit == 0, error);
            Assert.Contains("generation 1: 10 rows", output);
        }
        Assert.Equal(0, (await Larr("index", "gc", "--index", temporary.Path)).Exit);
    }

    static async Task<(int Exit, string Output, string Error)> Larr(params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Larr.Cli.dll");
        Assert.SkipUnless(File.Exists(Path.ChangeExtension(program, ".runtimeconfig.json")), "the command's runtime configuration is not beside the tests");
        var start = new ProcessStartInfo("dotnet", ["exec", program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Command.Repository };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
