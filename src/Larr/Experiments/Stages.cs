using Larr.Adapt;
using Larr.Align;
using Larr.Contrast;
using Larr.Corpus;
using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Data;
using Larr.Embed;
using Larr.Index;
using Larr.Index.Servers;
using Larr.Model;
using Larr.Pretrain;
using Larr.Runs;
using Larr.Simulate;

namespace Larr.Experiments;

/// <summary>The stages of one experiment, wired: who reads whose output, under which configuration and seed.</summary>
/// <param name="file">The experiment.</param>
/// <param name="fold">Fold that is tested, where the split has folds.</param>
public sealed class Stages(ExperimentFile file, int fold)
{
    readonly Experiment _experiment = file.Experiment;

    /// <summary>The simulated city, or null where the data are the user's own.</summary>
    public StageNode? Simulate => _experiment.Simulate is not { } config ? null : new(
        StageKey.Of("simulate", SimulateStage.Version, config, _experiment.Seed, None), NoStages, resumable: false,
        (context, _) => SimulateStage.Run(config, context));

    /// <summary>The impression table.</summary>
    public StageNode Data => field ??= MakeData();

    /// <summary>The documents.</summary>
    public StageNode Corpus => field ??= new(
        StageKey.Of("corpus", CorpusStage.Version, _experiment.Corpus, _experiment.Seed, None), Inputs(("data", Data)), resumable: false,
        (context, folder) => WithTable(folder, table => CorpusStage.Run(_experiment.Corpus, table, context)));

    /// <summary>The continually pre-trained language model.</summary>
    public StageNode Pretrain => field ??= new(
        StageKey.Of("pretrain", PretrainStage.Version, _experiment.Pretrain, _experiment.Seed, PretrainHashes), Inputs(("corpus", Corpus)), resumable: true,
        (context, folder) => PretrainStage.Run(
            _experiment.Pretrain with { ReplayFile = ReplayFile }, file.BaseFolder, Path.Combine(folder("corpus"), "documents.txt"), Path.Combine(folder("corpus"), "held-out.txt"),
            CorpusStage.ReadTexts(folder("corpus"), "special-tokens.json"),
            SpecialTokens.Targets(_experiment.Data.Fields), context));

    /// <summary>The text embedder.</summary>
    public StageNode Contrast => field ??= ContrastOf(_experiment.Seed);

    /// <summary>The text embedder trained with another seed.</summary>
    public StageNode ContrastOf(int seed) => new(
        StageKey.Of("contrast", ContrastStage.Version, _experiment.Contrast, seed, None),
        Inputs(("data", Data), ("corpus", Corpus), ("pretrain", Pretrain)), resumable: true,
        (context, folder) => WithTable(folder, table => ContrastStage.Run(
            _experiment.Contrast, table, folder("corpus"), Path.Combine(folder("pretrain"), "model"), context)));

    /// <summary>The vectors of all scene values.</summary>
    public StageNode Embed(TextSource source) => new(
        StageKey.Of("embed", EmbedStage.Version, _experiment.Embed, _experiment.Seed, source == TextSource.Base ? BaseHash : None),
        TextInputs(source), resumable: false,
        (context, folder) => WithTable(folder, table => EmbedStage.Run(_experiment.Embed, table, EncoderOf(source, folder), context)));

    /// <summary>The index of those vectors.</summary>
    public StageNode Index(TextSource source) => new(
        StageKey.Of("index", IndexStage.Version, Indexed, _experiment.Seed, None), Inputs(("embed", Embed(source))), resumable: false,
        (context, folder) => IndexStage.Run(Indexed, folder("embed"), context));

    // What the stage's artefact depends on: where a refreshed index lives, and how much of it is kept, retrains nothing.
    IndexConfig Indexed => _experiment.Index with { Backend = IndexBackend.Local, Server = new(), KeepGenerations = new IndexConfig().KeepGenerations };

    /// <summary>Every distinct scene as one text through the language model.</summary>
    public StageNode WholeScenes(TextSource source) => new(
        StageKey.Of("scenes", WholeSceneStage.Version, _experiment.Embed, _experiment.Seed, source == TextSource.Base ? BaseHash : None), TextInputs(source), resumable: false,
        (context, folder) => WithTable(folder, table => WholeSceneStage.Run(_experiment.Embed, table, EncoderOf(source, folder), context)));

    /// <summary>The vectors of the texts of items and users.</summary>
    public StageNode OwnerTexts(TextSource source) => new(
        StageKey.Of("texts", OwnerTextStage.Version, _experiment.Embed, _experiment.Seed, source == TextSource.Base ? BaseHash : None), TextInputs(source), resumable: false,
        (context, folder) => WithTable(folder, table => OwnerTextStage.Run(_experiment.Embed, table, EncoderOf(source, folder), context)));

    /// <summary>The aggregation encoder, aligned to the collaborative signal, as the experiment says.</summary>
    public StageNode Align(int seed) => Align(Setting.Full, seed);

    /// <summary>The aggregation of <paramref name="setting"/>, aligned to the collaborative signal.</summary>
    public StageNode Align(Setting setting, int seed)
    {
        // The stage does not read what the click model does with the vector, and so its key does not know it.
        AlignConfig config = Aligned(setting) with { Use = SceneUse.Field };
        return new(
            StageKey.Of("align", AlignStage.Version, config, seed, None), Inputs(("data", Data), Text(setting)), resumable: false,
            (context, folder) => WithTable(folder, table => AlignStage.Run(config, table, Vectors(setting, folder, table), context)));
    }

    /// <summary>A click model under <paramref name="setting"/>.</summary>
    public StageNode Ctr(Setting setting, int seed)
    {
        CtrConfig config = _experiment.Ctr with { ExcludeScene = _experiment.Ctr.ExcludeScene || !setting.SceneIds };
        AlignConfig align = Aligned(setting);
        List<(string, StageNode)> inputs = [("data", Data)];
        bool scene = align.Scene != SceneAggregation.None;
        if (scene) inputs.Add(Text(setting));
        if (setting.Texts) inputs.Add(("texts", OwnerTexts(setting.Text!.Value)));
        if (setting.Aligned) inputs.Add(("align", Align(setting, seed)));
        return new(
            StageKey.Of("ctr", CtrStage.Version, new CtrStageConfig(config, align), seed, VectorHashes), Inputs([.. inputs]), resumable: true,
            (context, folder) => WithTable(folder, table => CtrStage.Run(
                config, align, table, scene ? Vectors(setting, folder, table) : null, setting.Aligned ? folder("align") : null, context,
                setting.Texts ? TextFeatures.Read(folder("texts"), table) : null, FieldVectors.Read(table, file.Folder))));
    }

    /// <summary>The click model of <paramref name="setting"/>, adapted as the experiment says.</summary>
    public StageNode Adapt(Setting setting, int seed) => Adapt(setting, seed, _experiment.Adapt);

    /// <summary>The click model of <paramref name="setting"/>, adapted by IAK.</summary>
    public StageNode Iak(Setting setting, int seed) => Adapt(setting, seed, _experiment.Adapt with { Method = AdaptMethod.Iak });

    StageNode Adapt(Setting setting, int seed, AdaptConfig config) => new(
        StageKey.Of("adapt", AdaptStage.Version, config, seed, None),
        Inputs([("data", Data), Text(setting), .. setting.Texts ? [("texts", OwnerTexts(setting.Text!.Value))] : Array.Empty<(string, StageNode)>(), ("ctr", Ctr(setting, seed))]), resumable: false,
        (context, folder) => WithTable(folder, table => AdaptStage.Run(
            config, table, folder("ctr"), Vectors(setting, folder, table), context, FieldVectors.Read(table, file.Folder), setting.Texts ? TextFeatures.Read(folder("texts"), table) : null)));

    /// <summary>Aggregation and alignment under a setting, as wide as the click model.</summary>
    AlignConfig Aligned(Setting setting) => _experiment.Align.Dimension is { } width && width != _experiment.Ctr.EmbeddingDimension
        ? throw new InputException(file.Path, "align.dimension", $"{width}", $"{_experiment.Ctr.EmbeddingDimension}, which ctr.embeddingDimension is, or nothing")
        : setting.Apply(_experiment.Align) with { Dimension = _experiment.Ctr.EmbeddingDimension };

    StageNode MakeData()
    {
        DataConfig config = _experiment.Data with { Split = _experiment.Data.Split with { Fold = fold } };
        StageNode? city = Simulate;
        return new(
            StageKey.Of("data", DataStage.Version, config, _experiment.Seed, SourceFiles.Hashes(config, file.Folder)),
            city is null ? NoStages : Inputs(("simulate", city)), resumable: false,
            (context, folder) => DataStage.Run(
                config, file.Folder, city is null ? None : new Dictionary<string, string> { ["simulate"] = folder("simulate") }, context));
    }

    sealed record CtrStageConfig(CtrConfig Ctr, AlignConfig Align);

    static readonly Dictionary<string, string> None = [];
    static readonly Dictionary<string, StageNode> NoStages = [];

    /// <summary>The checkpoint's content, so that another model in the same folder is another input.</summary>
    Dictionary<string, string> BaseHash => field ??= !Directory.Exists(file.BaseFolder)
        ? throw new InputException(file.Path, "base", file.BaseFolder, "a folder with a Hugging Face checkpoint")
        : new() { ["base"] = TextEncoder.Identity(file.BaseFolder) };

    /// <summary>Content of the files that embedding fields name; the experiment's own files alone, so that no stage need run first.</summary>
    Dictionary<string, string> VectorHashes => field ??= _experiment.Data.Fields.Where(f => f is { Role: FieldRole.Embedding, Vectors: not null })
        .SelectMany(f => KeyedVectors.Hashes(f, file.Folder)).ToDictionary(h => "vectors " + h.Key, h => h.Value);

    string? ReplayFile => _experiment.Pretrain.ReplayFile is { } replay ? file.Resolve(replay) : null;

    Dictionary<string, string> PretrainHashes => ReplayFile is null ? BaseHash
        : !File.Exists(ReplayFile) ? throw new InputException(file.Path, "pretrain.replayFile", ReplayFile, "a file of general text, one document per line")
        : new(BaseHash) { ["replay"] = FileHash.Of(ReplayFile) };

    static Dictionary<string, StageNode> Inputs(params (string Name, StageNode Node)[] inputs) => inputs.ToDictionary(i => i.Name, i => i.Node);

    static void WithTable(Func<string, string> folder, Action<ImpressionTable> use)
    {
        using var table = ImpressionTable.Open(folder("data"));
        use(table);
    }

    Dictionary<string, StageNode> TextInputs(TextSource source) => source switch
    {
        TextSource.Base => Inputs(("data", Data)),
        TextSource.Pretrained => Inputs(("data", Data), ("model", Pretrain)),
        _ => Inputs(("data", Data), ("model", Contrast)),
    };

    string EncoderOf(TextSource source, Func<string, string> folder) => source switch
    {
        TextSource.Base => file.BaseFolder,
        TextSource.Pretrained => Path.Combine(folder("model"), "model"),
        _ => Path.Combine(folder("model"), "encoder"),
    };

    /// <summary>Where a setting's vectors come from: the index of the values, or whole scenes.</summary>
    (string Name, StageNode Node) Text(Setting setting) =>
        Aligned(setting).Scene == SceneAggregation.WholeText ? ("scenes", WholeScenes(setting.Text!.Value)) : ("index", Index(setting.Text!.Value));

    SceneVectors Vectors(Setting setting, Func<string, string> folder, ImpressionTable table)
    {
        if (Aligned(setting).Scene == SceneAggregation.WholeText) return WholeSceneStage.Read(folder("scenes"), table);
        using Generation live = new IndexFolder(Path.Combine(folder("index"), "index")).OpenLive();
        return SceneVectors.From(table, (field, value) => live.TryGet(field, value, out int row)
            ? live.Vector(row).ToArray()
            : throw new InputException(folder("index"), field, $"no vector of \"{value}\"", "an index of this table"), live.Header.Identity);
    }
}
