using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Runs;

namespace Larr.Serve;

/// <summary>
/// One request: candidates to be scored in one scene, and the memory to do it in. It is filled, scored, cleared and filled again without
/// allocating; one thread uses it at a time.
/// </summary>
public sealed class CtrRequest
{
    const int NotSet = -1;
    readonly CtrScorer _scorer;
    readonly int[] _historyLengths;
    readonly int[] _tags; // [candidate, field of tags, history length]
    readonly int[] _tagCounts;

    /// <summary>A request of at most <paramref name="most"/> candidates for <paramref name="scorer"/>.</summary>
    public CtrRequest(CtrScorer scorer, int most)
    {
        ArgumentNullException.ThrowIfNull(scorer);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        (_scorer, Most) = (scorer, most);
        Ids = new int[most * scorer.Fields.Count];
        Scales = new float[Ids.Length];
        Histories = new int[scorer.Behaviours.Count * scorer.HistoryLength];
        _historyLengths = new int[scorer.Behaviours.Count];
        _tagCounts = new int[most * scorer.Tags.Count];
        _tags = new int[_tagCounts.Length * scorer.HistoryLength];
        SceneCodes = new int[scorer.SceneFields.Count];
        SceneWorkspace = scorer.Scenes is null ? null : new SceneWorkspace(scorer.Scenes);
        Memory = new float[scorer.MemoryLength(most)];
        Clear(most);
    }

    /// <summary>Most candidates that fit.</summary>
    public int Most { get; }

    /// <summary>Number of candidates.</summary>
    public int Count { get; private set; }

    /// <summary>Values set so far that training did not know. Each is read as its field's out-of-vocabulary row, as in training.</summary>
    public int Unseen { get; private set; }

    /// <summary>Scene values set so far that have no vector. Each is read as its field's mean vector.</summary>
    public int UnseenScene { get; private set; }

    /// <summary>Values of embedding fields set so far that have no vector. Each is read as the learned vector of what is missing, as in training.</summary>
    public int WithoutVector { get; private set; }

    internal int[] Ids { get; }

    internal float[] Scales { get; }

    internal int[] Histories { get; }

    internal int[] SceneCodes { get; }

    internal SceneWorkspace? SceneWorkspace { get; }

    internal float[] Memory { get; }

    /// <summary>Forgets everything; the request has <paramref name="count"/> candidates from here on.</summary>
    public void Clear(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Most, nameof(count));
        (Count, Unseen, UnseenScene, WithoutVector) = (count, 0, 0, 0);
        Ids.AsSpan().Fill(NotSet);
        SceneCodes.AsSpan().Fill(NotSet);
        _historyLengths.AsSpan().Clear();
        _tagCounts.AsSpan().Clear();
    }

    /// <summary>Sets a field (its position in <see cref="CtrScorer.Fields"/>) of every candidate, such as the user's. A number may be given as text.</summary>
    public void Set(int field, ReadOnlySpan<char> value)
    {
        int row = Row(field, value, out float scale);
        for (int c = 0; c < Count; c++) (Ids[c * _scorer.Fields.Count + field], Scales[c * _scorer.Fields.Count + field]) = (row, scale);
    }

    /// <summary>Sets a field of one candidate, such as the item's.</summary>
    public void Set(int candidate, int field, ReadOnlySpan<char> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)candidate, (uint)Count, nameof(candidate));
        int at = candidate * _scorer.Fields.Count + field;
        Ids[at] = Row(field, value, out Scales[at]);
    }

    /// <summary>Sets a number of one candidate; NaN where it is missing.</summary>
    public void Set(int candidate, int field, float number)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)candidate, (uint)Count, nameof(candidate));
        int at = candidate * _scorer.Fields.Count + field;
        if (!_scorer.Features.TryGet(field, number, out Ids[at], out Scales[at])) Unseen++;
    }

    /// <summary>Adds an item to a history (its position in <see cref="CtrScorer.Behaviours"/>), oldest first; what is older than the model reads falls out.</summary>
    public void AddHistory(int behaviour, ReadOnlySpan<char> item) =>
        Push(Histories.AsSpan(behaviour * _scorer.HistoryLength, _scorer.HistoryLength), ref _historyLengths[behaviour], Row(CtrInputs.ItemField, item, out _));

    /// <summary>
    /// Adds a tag (its field's position in <see cref="CtrScorer.Tags"/>) to every candidate. Candidates without any are as in training; of more than
    /// <see cref="CtrScorer.HistoryLength"/> the first fall out, as in training too.
    /// </summary>
    public void AddTag(int field, ReadOnlySpan<char> value)
    {
        int row = Row(_scorer.Fields.Count + field, value, out _);
        for (int c = 0; c < Count; c++) AddTag(c, field, row);
    }

    /// <summary>Adds a tag to one candidate.</summary>
    public void AddTag(int candidate, int field, ReadOnlySpan<char> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)candidate, (uint)Count, nameof(candidate));
        AddTag(candidate, field, Row(_scorer.Fields.Count + field, value, out _));
    }

    /// <summary>Sets a scene value (its position in <see cref="CtrScorer.SceneFields"/>).</summary>
    public void SetScene(int field, ReadOnlySpan<char> value)
    {
        int code = _scorer.Scenes!.Code(field, value.IsWhiteSpace() ? CodeSink.Unknown : value);
        if (code == 0) UnseenScene++;
        SceneCodes[field] = code;
    }

    internal int HistoryLength(int behaviour) => _historyLengths[behaviour];

    /// <summary>Rows of a candidate's tags.</summary>
    internal ReadOnlySpan<int> Tags(int candidate, int field)
    {
        int at = candidate * _scorer.Tags.Count + field;
        return _tags.AsSpan(at * _scorer.HistoryLength, _tagCounts[at]);
    }

    /// <summary>Throws where a feature was not set.</summary>
    internal void Check()
    {
        int hole = Ids.AsSpan(0, Count * _scorer.Fields.Count).IndexOf(NotSet);
        if (hole >= 0) throw new InputException("request", $"candidate {hole / _scorer.Fields.Count}, {_scorer.Fields[hole % _scorer.Fields.Count]}", "nothing", "a value; an empty one where it is unknown");
        hole = Array.IndexOf(SceneCodes, NotSet);
        if (hole >= 0) throw new InputException("request", $"scene, {_scorer.SceneFields[hole]}", "nothing", "a value; an empty one where it is unknown");
    }

    void AddTag(int candidate, int field, int row)
    {
        int at = candidate * _scorer.Tags.Count + field;
        Push(_tags.AsSpan(at * _scorer.HistoryLength, _scorer.HistoryLength), ref _tagCounts[at], row);
    }

    static void Push(Span<int> sequence, ref int length, int row)
    {
        if (length == sequence.Length) sequence[1..].CopyTo(sequence);
        else length++;
        sequence[length - 1] = row;
    }

    int Row(int field, ReadOnlySpan<char> value, out float scale)
    {
        if (_scorer.Features.TryGet(field, value, out int row, out scale)) return row;
        if (_scorer.Features.HasVectors(field)) WithoutVector++;
        else Unseen++;
        return row;
    }
}
