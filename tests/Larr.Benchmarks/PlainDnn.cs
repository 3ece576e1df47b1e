using Larr.Ctr;
using Larr.Ctr.Inputs;
using Larr.Runs;
using Larr.Train;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Benchmarks;

/// <summary>
/// DNN as one writes it in TorchSharp: an embedding with dense gradients, linear layers, batch normalisation, ReLU, dropout, and Adam over everything. It
/// starts from the weights of the model that it is compared with.
/// </summary>
sealed class PlainDnn : nn.Module<Tensor, Tensor>
{
    readonly Embedding embedding;
    readonly Sequential layers;

    internal PlainDnn(CtrConfig config, CtrModel model) : base(nameof(PlainDnn))
    {
        embedding = nn.Embedding(model.Embeddings.Rows, config.EmbeddingDimension);
        var modules = new List<nn.Module<Tensor, Tensor>>();
        int width = model.Map.Fields.Count * config.EmbeddingDimension;
        foreach (int hidden in config.Hidden)
        {
            modules.AddRange([nn.Linear(width, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Dropout(config.Dropout)]);
            width = hidden;
        }
        modules.Add(nn.Linear(width, 1));
        layers = nn.Sequential(modules);
        RegisterComponents();

        using var grad = no_grad();
        embedding.weight!.copy_(from_array(model.Embeddings.Weights).view(model.Embeddings.Rows, -1));
        foreach ((Parameter mine, Parameter theirs) in layers.parameters().Where(p => p.ndim == 2).Zip(model.parameters().Where(p => p.ndim == 2))) mine.copy_(theirs);
        foreach (Linear linear in layers.children().OfType<Linear>()) linear.bias!.zero_();
    }

    public override Tensor forward(Tensor ids) => layers.forward(embedding.forward(ids).flatten(1)).squeeze(1); // [B,F] → [B]

    /// <summary>Trains, tells of every epoch, and returns the loss of every step.</summary>
    internal List<double> Train(CtrConfig config, CtrInputs inputs, int[] rows, IProgress<StageProgress> progress)
    {
        using var adam = new Adam(
            [
                new Adam.ParamGroup([embedding.weight!], new Adam.Options { weight_decay = config.EmbeddingL2 }),
                new Adam.ParamGroup([.. layers.parameters()], new Adam.Options()),
            ], config.LearningRate);
        List<double> losses = [];
        var batches = new Batches(rows, config.BatchSize, 1);
        train();
        for (int epoch = 1; epoch <= config.Epochs; epoch++)
        {
            foreach (ReadOnlyMemory<int> at in batches.Epoch(epoch))
            {
                using var scope = NewDisposeScope();
                CtrRows read = inputs.Read(at);
                adam.zero_grad();
                Tensor loss = nn.functional.binary_cross_entropy_with_logits(forward(Ids(read)), tensor(read.Clicks.Select(c => (float)c).ToArray()));
                loss.backward();
                adam.step();
                losses.Add(loss.item<float>());
            }
            progress.Report(new StageProgress($"epoch {epoch}"));
        }
        return losses;
    }

    /// <summary>AUC of some rows.</summary>
    internal double Auc(CtrInputs inputs, int[] rows)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        eval();
        CtrRows read = inputs.Read(rows);
        return Stats.Auc.Compute(forward(Ids(read)).data<float>().ToArray(), read.Clicks);
    }

    static Tensor Ids(CtrRows read) => tensor(read.Ids.Select(i => (long)i).ToArray()).view(read.Rows.Length, -1);
}
