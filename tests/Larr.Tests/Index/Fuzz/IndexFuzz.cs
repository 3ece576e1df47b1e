using Larr.Index;
using Larr.Runs;

namespace Larr.Tests.Index;

/// <summary>What became of the inputs that damaged one kind of file.</summary>
/// <param name="Inputs">How many there were.</param>
/// <param name="Refused">Ended in a complaint at least once.</param>
/// <param name="Right">Changed nothing: every answer was that of the whole index.</param>
/// <param name="Read">With checksums made right: were read without a complaint, as another index.</param>
/// <param name="Wrong">Gave a wrong answer, a complaint without a place, or another exception.</param>
sealed record FuzzCount(int Inputs = 0, int Refused = 0, int Right = 0, int Read = 0, int Wrong = 0);

/// <summary>
/// Damages files of small indices and asks their readers everything. Damage whose checksums stay as they were must be refused in one line that names
/// file, block and offset, or every answer must be the right one, those before and after a complaint too. Damage whose checksums were made
/// right again says something else; it must be read or refused, and a name must never give the row of another. A crash or a hang ends the process.
/// Input n of a seed is the same whatever the number of inputs.
/// </summary>
sealed class IndexFuzz : IDisposable
{
    static readonly TimeSpan s_hang = TimeSpan.FromMinutes(2);

    readonly FuzzTarget[] _targets;
    readonly FuzzPatch[] _patches;
    readonly int _seed;
    int _seen = -1;
    readonly Dictionary<string, FuzzCount> _counts = [];

    /// <param name="folder">An empty folder, best in memory.</param>
    /// <param name="seed">Seed of all inputs.</param>
    public IndexFuzz(string folder, int seed)
    {
        _seed = seed;
        _targets = FuzzTarget.All(folder);
        _patches = [.. _targets.Select(t => new FuzzPatch(t))];
    }

    /// <summary>Counts by kind of file, such as <c>segment/vectors</c>; damage with checksums made right apart.</summary>
    public IReadOnlyDictionary<string, FuzzCount> Counts => _counts;

    /// <summary>What was wrong, the first few.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Runs so many inputs.</summary>
    /// <param name="inputs">How many.</param>
    /// <param name="progress">Told the number of inputs done, every thousand.</param>
    public FuzzCount Run(int inputs, Action<int>? progress = null)
    {
        int current = -1;
        using var watch = new Timer(_ => Watch(ref current), null, s_hang, s_hang);
        for (int input = 0; input < inputs; input++)
        {
            Volatile.Write(ref current, input);
            One(input);
            if ((input + 1) % 1000 == 0) progress?.Invoke(input + 1);
        }
        return _counts.Values.Aggregate(new FuzzCount(), Add);
    }

    public void Dispose()
    {
        foreach (FuzzPatch patch in _patches) patch.Dispose();
        foreach (FuzzTarget target in _targets) target.Dispose();
    }

    /// <summary>A loop without an end cannot be stopped from without: the process goes, and says at which input.</summary>
    void Watch(ref int current)
    {
        int now = Volatile.Read(ref current);
        if (now == _seen) Environment.FailFast($"seed {_seed}: input {now} hangs");
        _seen = now;
    }

    void One(int input)
    {
        var random = new Random(HashCode(_seed, input));
        int number = random.Next(10) switch { < 6 => 0, < 9 => 1, _ => 2 }; // the last is ten times as long
        string file = _targets[number].Files[random.Next(_targets[number].Files.Length)];
        FuzzTarget target = _targets[number];
        byte[] whole = target.Whole(file);
        string name = Path.GetFileName(file);
        bool mended = random.Next(2) == 0 && name is not (IndexFormat.Live or IndexFormat.Checksums), header = name == IndexFormat.Header && random.Next(2) == 0;
        byte[]? damaged = header ? FuzzDamage.Header(whole, random) : FuzzDamage.Of(whole, random, lengths: true);
        mended &= damaged is not null;
        Dictionary<string, byte[]?> changed = mended ? FuzzMending.Of(target, file, damaged!).ToDictionary(p => p.Key, p => (byte[]?)p.Value) : new() { [file] = damaged };

        int refusals = 0;
        string? fault = null;
        _patches[number].Apply(changed);
        try { refusals = Ask(target, file, random, mended); }
        catch (Exception wrong) { fault = $"seed {_seed}, input {input}, {file}{(mended ? ", checksums made right" : "")}: {wrong.Message} {wrong.GetType().Name}"; }
        finally { _patches[number].TakeBack(changed.Keys); }

        if (fault is not null && Faults.Count < 20) Faults.Add(fault);
        string kind = Kind(file) + (mended ? ", checksums made right" : "");
        _counts[kind] = Add(_counts.GetValueOrDefault(kind) ?? new(), fault is not null ? new(1, Wrong: 1) : refusals > 0 ? new(1, Refused: 1) : mended ? new(1, Read: 1) : new(1, Right: 1));
    }

    /// <summary>Asks every question in a random order, so that the damaged block is met first now by the one and now by another; up to the second complaint.</summary>
    /// <returns>How many ended in a complaint.</returns>
    static int Ask(FuzzTarget target, string file, Random random, bool mended)
    {
        Generation live;
        try { live = target.Open(file, all: random.Next(8) == 0); }
        catch (InputException refused)
        {
            CheckPlace(target, refused);
            return 1;
        }
        using (live)
        {
            int refusals = 0;
            Span<int> order = stackalloc int[target.Questions];
            for (int q = 0; q < order.Length; q++) order[q] = q;
            random.Shuffle(order);
            foreach (int question in order)
            {
                if (refusals == 2) break;
                try
                {
                    if (!target.IsRight(live, question) && !mended) throw new InvalidOperationException($"{target.Name(question)} gives a wrong answer");
                }
                catch (InputException refused)
                {
                    CheckPlace(target, refused);
                    refusals++;
                }
                catch (IndexGateException gate) when (mended && !gate.Message.Contains('\n')) { refusals++; }
            }
            return refusals;
        }
    }

    static void CheckPlace(FuzzTarget target, InputException refused)
    {
        string message = refused.Message, folder = target.Folder.Path;
        bool names = message.StartsWith(folder, StringComparison.Ordinal) && message.Contains(": block ", StringComparison.Ordinal) && message.Contains(" at byte ", StringComparison.Ordinal);
        if (!names || message.Contains('\n')) throw new InvalidOperationException($"a complaint that names no place: {message}");
    }

    /// <summary>A file without its numbers: <c>segment/vectors</c>.</summary>
    static string Kind(string file) => file == IndexFormat.Live ? file : $"{file[..file.IndexOf('-')]}/{Path.GetFileName(file)}";

    static FuzzCount Add(FuzzCount a, FuzzCount b) => new(a.Inputs + b.Inputs, a.Refused + b.Refused, a.Right + b.Right, a.Read + b.Read, a.Wrong + b.Wrong);

    /// <summary>The same on every run, unlike that of <see cref="System.HashCode"/>.</summary>
    static int HashCode(int seed, int input) => unchecked((int)((((ulong)(uint)seed << 32) | (uint)input) * 0x9e3779b97f4a7c15ul >> 32));
}
