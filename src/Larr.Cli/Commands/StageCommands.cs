using System.CommandLine;
using Larr.Experiments;
using Larr.Runs;

namespace Larr.Cli.Commands;

/// <summary>One command per stage: builds the stage and what it needs, and prints its report.</summary>
static class StageCommands
{
    public static IEnumerable<Command> All() =>
    [
        Of("simulate", "Simulates the city that the experiment describes.", (stages, s) => stages.Simulate
            ?? throw new InputException(s.File.Path, "simulate", "nothing", "a simulated city")),
        Of("data", "Reads the sources into the impression table.", (stages, _) => stages.Data),
        Of("corpus", "Writes the documents for pre-training.", (stages, _) => stages.Corpus),
        Of("pretrain", "Continues the language model's pre-training (LARR stage 1).", (stages, _) => stages.Pretrain),
        Of("contrast", "Turns the language model into an embedder (LARR stage 2).", (stages, _) => stages.Contrast),
        EmbedCommand.Over(Of("embed", "Embeds every scene value once, or with --source a column of any file.", (stages, _) => stages.Embed(TextSource.Contrasted))),
        Of("align", "Trains the aggregation encoder and aligns it (LARR stage 3).", (stages, s) => stages.Align(s.Experiment.Seeds[0])),
        Of("ctr", "Trains the click model with the scene vector, and with texts of items and users where there are any.", (stages, s) => stages.Ctr(Setting.Whole(s.Experiment), s.Experiment.Seeds[0])),
        Of("adapt", "Adapts the click model to domains, by IAK or as adapt.method says.", (stages, s) => stages.Adapt(Setting.Whole(s.Experiment), s.Experiment.Seeds[0])),
    ];

    static Command Of(string name, string description, Func<Stages, Session, StageNode> stage) => CommonOptions.Over(
        new Command(name, description),
        (session, _) =>
        {
            StageNode node = stage(new Stages(session.File, session.Experiment.Data.Split.Fold), session);
            if (session.DryRun) session.PrintPlan([node]);
            else session.PrintReport(name, session.Build(node));
        });
}
