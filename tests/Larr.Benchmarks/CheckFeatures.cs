using System.CommandLine;
using System.Text.Json;
using Larr.Runs;
using Larr.Serve;

namespace Larr.Benchmarks;

/// <summary>
/// Kills feature joins (SIGKILL) at random moments. After each kill every part that has its name must be whole, and every part that the journal calls finished be there;
/// a rerun must complete and leave parts identical to those of a join that nobody interrupted.
/// </summary>
static class CheckFeatures
{
    const int Rows = 20_000;

    public static Command Command()
    {
        var kills = new Option<int>("--kills") { Description = "Number of kills.", DefaultValueFactory = _ => 20 };
        var seed = new Option<int>("--seed") { Description = "Seed of the moments.", DefaultValueFactory = _ => 1 };
        var command = new Command("check-features", "Kills feature joins at random moments and checks what is left.") { kills, seed, CheckResult.Save };
        command.SetAction(parsed => Run(parsed.GetValue(kills), parsed.GetValue(seed), parsed.InvocationConfiguration.Output, new CheckResult(parsed, parsed.GetValue(seed))));
        return command;
    }

    /// <summary>The process that is killed.</summary>
    public static Command Victim()
    {
        var folder = new Argument<string>("folder");
        var command = new Command("check-features-victim", "Joins a log when told to.") { folder };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            string root = parsed.GetValue(folder)!;
            SceneEncoder encoder = FeaturesBench.Load(root);
            VictimProcess.Work(() => Join(encoder, root, Work(root)));
        });
        return command;
    }

    static int Run(int kills, int seed, TextWriter output, CheckResult result)
    {
        string root = Directory.CreateTempSubdirectory("larr-kills-").FullName;
        try
        {
            SceneEncoder encoder = FeaturesBench.Encoder(root);
            FeaturesBench.Generate(Log(root), Rows, Rows / 3);
            double whole = VictimProcess.Run(["check-features-victim", root], due: null).Seconds;
            string right = Path.Combine(root, "right");
            Directory.Move(Work(root), right);
            Dictionary<string, byte[]> expected = Parts(right);
            var random = new Random(seed);
            int lost = 0, mixed = 0, finished = 0, parts = 0;
            for (int kill = 0; kill < kills; kill++)
            {
                // Half of the kills at any moment, which mostly is before the first part; half when a part has just got its name, while the next are on the way.
                (double moment, string part) = (random.NextDouble() * whole, Path.Combine(Work(root), $"part-{random.Next(expected.Count):D5}.parquet"));
                if (VictimProcess.Run(["check-features-victim", root], kill % 2 == 0 ? seconds => seconds >= moment : _ => File.Exists(part)).Ended) finished++;
                Dictionary<string, byte[]> found = Directory.Exists(Work(root)) ? Parts(Work(root)) : [];
                parts += found.Count;
                if (!found.All(p => IsPart(expected, p.Key, p.Value))) mixed++;
                if (!Noted(Work(root)).All(found.ContainsKey) || !Reruns(encoder, root, expected)) lost++;
                Directory.Delete(Work(root), recursive: true);
                if ((kill + 1) % 20 == 0) Console.Error.WriteLine($"{kill + 1} kills, {finished} of them too late");
            }
            double left = (double)parts / Math.Max(1, kills);
            output.WriteLine($"{expected.Count} parts; a kill left {left:F1} of them on average; {finished} came after the end");
            result.Add("kills at random moments of a join", ("kills", kills), ("lost", lost), ("mixed", mixed), ("parts", expected.Count), ("parts_left_by_a_kill", left), ("after_the_end", finished));
            result.Write();
            output.WriteLine($"kills {kills}, lost {lost}, mixed {mixed}");
            return lost + mixed == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    static bool Reruns(SceneEncoder encoder, string root, Dictionary<string, byte[]> expected)
    {
        try
        {
            FeatureReport report = Join(encoder, root, Work(root));
            Dictionary<string, byte[]> found = Parts(Work(root));
            bool tidy = !Directory.EnumerateFiles(Work(root), "*.partial").Any();
            return tidy && report.Rows == Rows && found.Count == expected.Count && found.All(p => IsPart(expected, p.Key, p.Value));
        }
        catch (Exception e) when (e is InputException or IOException)
        {
            Console.Error.WriteLine(e.Message);
            return false;
        }
    }

    static FeatureReport Join(SceneEncoder encoder, string root, string folder) =>
        FeatureJoin.Run(encoder, root, FeaturesBench.Options(Log(root), folder) with { RowsPerPart = 250, Threads = 2 }, new Progress<StageProgress>(), default);

    static bool IsPart(Dictionary<string, byte[]> expected, string name, byte[] bytes) => expected.TryGetValue(name, out byte[]? right) && bytes.AsSpan().SequenceEqual(right);

    static Dictionary<string, byte[]> Parts(string folder) => Directory.EnumerateFiles(folder, "part-*.parquet").ToDictionary(f => Path.GetFileName(f)!, File.ReadAllBytes);

    /// <summary>Names of the parts that the journal calls finished; a half-written last line is none.</summary>
    static IEnumerable<string> Noted(string folder)
    {
        string journal = Path.Combine(folder, "shard-0-of-1.journal");
        string text = File.Exists(journal) ? File.ReadAllText(journal) : "";
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] == '{')
            .Select(l => $"part-{JsonSerializer.Deserialize<JsonElement>(l).GetProperty("part").GetInt32():D5}.parquet");
    }

    static string Log(string root) => Path.Combine(root, "log.parquet");

    static string Work(string root) => Path.Combine(root, "work");
}
