using System.CommandLine;
using Larr.Embed;
using Larr.Index;
using Larr.Runs;

namespace Larr.Benchmarks;

/// <summary>
/// Kills refreshes (SIGKILL) at random moments. After each kill a reader must see the old or the new generation whole; a rerun must complete, and leave files
/// identical to those of a refresh that nobody interrupted. The refresh runs in a process of its own, started beforehand, so that the moment falls within its work.
/// </summary>
static class CheckIndex
{
    const int Rows = 12_000;
    const int Dimension = 16;

    static readonly IndexConfig s_config = new() { ApproximateFrom = 2_000, KeepGenerations = 2 };

    /// <summary>Kinds of refresh: a small segment beside the large one; a merge of everything; and deletions that make a segment be written anew.</summary>
    static readonly (double Changed, int Gone)[] s_scenarios = [(0.01, 20), (0.6, 0), (0.02, Rows * 3 / 10)];

    public static Command Command()
    {
        var kills = new Option<int>("--kills") { Description = "Number of kills.", DefaultValueFactory = _ => 20 };
        var fuzz = new Option<int>("--fuzz") { Description = "Instead of kills: number of damaged files that readers are given." };
        var seed = new Option<int>("--seed") { Description = "Seed of the moments, or of the damage.", DefaultValueFactory = _ => 1 };
        var command = new Command("check-index", "Kills refreshes at random moments and checks what is left; or damages files and checks what readers make of them.");
        command.Options.Add(kills);
        command.Options.Add(fuzz);
        command.Options.Add(seed);
        command.Options.Add(CheckResult.Save);
        command.SetAction(parsed =>
        {
            (int of, TextWriter output, var result) = (parsed.GetValue(seed), parsed.InvocationConfiguration.Output, new CheckResult(parsed, parsed.GetValue(seed)));
            return parsed.GetValue(fuzz) is > 0 and var inputs ? FuzzIndex.Run(inputs, of, output, result) : Run(parsed.GetValue(kills), of, output, result);
        });
        return command;
    }

    /// <summary>The process that is killed: waits for a line, refreshes, and says so.</summary>
    public static Command Victim()
    {
        var folder = new Argument<string>("folder");
        var scenario = new Argument<int>("scenario");
        var command = new Command("check-index-victim", "Refreshes an index when told to.") { Hidden = true };
        command.Arguments.Add(folder);
        command.Arguments.Add(scenario);
        command.SetAction(parsed =>
        {
            var made = new MadeIndex(Rows, Dimension);
            ValueText[] wanted = Wanted(made, parsed.GetValue(scenario));
            VictimProcess.Work(() => Refresh(made, new IndexFolder(parsed.GetValue(folder)!), wanted));
        });
        return command;
    }

    static int Run(int kills, int seed, TextWriter output, CheckResult result)
    {
        string root = Directory.CreateTempSubdirectory("larr-kills-").FullName;
        try
        {
            var made = new MadeIndex(Rows, Dimension);
            ValueText[] before = made.Wanted(0, 0);
            string start = Path.Combine(root, "start");
            Refresh(made, new IndexFolder(start), before);
            var random = new Random(seed);
            int lost = 0, mixed = 0, old = 0, fresh = 0, finished = 0;
            var (right, whole) = (new Dictionary<string, byte[]>[s_scenarios.Length], new double[s_scenarios.Length]);
            for (int kill = 0; kill < kills; kill++)
            {
                int scenario = kill % s_scenarios.Length;
                ValueText[] after = Wanted(made, scenario);
                string work = Path.Combine(root, "work");
                if (right[scenario] is null)
                {
                    Copy(start, work);
                    whole[scenario] = VictimProcess.Run(["check-index-victim", work, $"{scenario}"], due: null).Seconds;
                    right[scenario] = Files(work);
                    Directory.Delete(work, recursive: true);
                }
                Copy(start, work);
                double moment = random.NextDouble() * whole[scenario];
                bool ended = VictimProcess.Run(["check-index-victim", work, $"{scenario}"], seconds => seconds >= moment).Ended;
                if (ended) finished++;

                switch (State(new IndexFolder(work), before, after, made))
                {
                    case 1: old++; break;
                    case 2: fresh++; break;
                    case 0: lost++; break;
                    default: mixed++; break;
                }
                if (!Reruns(made, work, after, right[scenario])) lost++;
                Directory.Delete(work, recursive: true);
                if ((kill + 1) % 20 == 0) Console.Error.WriteLine($"{kill + 1} kills: {old} before the switch, {fresh} after it, {finished} of them too late");
            }
            output.WriteLine($"{old} kills left the old generation live, {fresh} the new one; {finished} came after the end");
            const string Name = "kills at random moments of a refresh";
            result.Add(Name, ("kills", kills), ("lost", lost), ("mixed", mixed), ("old_generation_live", old), ("new_generation_live", fresh), ("after_the_end", finished));
            result.Write();
            output.WriteLine($"kills {kills}, lost {lost}, mixed {mixed}");
            return lost + mixed == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>1: the old generation, whole; 2: the new one, whole; 0: nothing to read or damaged; −1: neither the one nor the other.</summary>
    static int State(IndexFolder folder, ValueText[] before, ValueText[] after, MadeIndex made)
    {
        try
        {
            using Generation live = folder.OpenLive(made.Identity);
            IndexVerify.Check(live);
            return Holds(live, before, made) ? 1 : Holds(live, after, made) ? 2 : -1;
        }
        catch (Exception e) when (e is InputException or IndexGateException)
        {
            Console.Error.WriteLine(e.Message);
            return 0;
        }
    }

    static bool Holds(Generation live, ValueText[] rows, MadeIndex made) =>
        live.Count == rows.Length && rows.All(r => live.TryGet(r.Field, r.Value, out int row) && live.Row(row) == r && live.Vector(row).SequenceEqual(made.Vector(r.Text)));

    static bool Reruns(MadeIndex made, string work, ValueText[] after, Dictionary<string, byte[]> right)
    {
        try
        {
            Refresh(made, new IndexFolder(work), after);
            new IndexFolder(work).Lock().Dispose();
        }
        catch (Exception e) when (e is InputException or IndexGateException or IOException)
        {
            Console.Error.WriteLine(e.Message);
            return false;
        }
        Dictionary<string, byte[]> found = Files(work);
        return found.Count == right.Count && right.All(f => found.TryGetValue(f.Key, out byte[]? bytes) && bytes.AsSpan().SequenceEqual(f.Value));
    }

    static void Refresh(MadeIndex made, IndexFolder folder, ValueText[] wanted) => IndexRefresh.Run(s_config, folder, made.Identity, wanted, made.Embed);

    static ValueText[] Wanted(MadeIndex made, int scenario) => made.Wanted(scenario + 1, s_scenarios[scenario].Changed, s_scenarios[scenario].Gone);

    static Dictionary<string, byte[]> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => !Path.GetFileName(f).StartsWith("writer.lock", StringComparison.Ordinal))
            .ToDictionary(f => Path.GetRelativePath(folder, f), File.ReadAllBytes);

    static void Copy(string from, string to)
    {
        foreach ((string name, byte[] bytes) in Files(from))
        {
            string path = Path.Combine(to, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        }
    }
}
