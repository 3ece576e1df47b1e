using static TorchSharp.torch;

namespace Larr.Train;

/// <summary>Initial weights of the recommender's modules, all drawn from one generator so that a seed gives the same bits everywhere.</summary>
public static class Initial
{
    /// <summary>
    /// Fills every parameter below <paramref name="module"/>, in the order of its names.
    /// <list type="table">
    /// <item><term>weight of a linear layer</term><description>uniform, variance 2 / (inputs + outputs) (Glorot)</description></item>
    /// <item><term>bias</term><description>0</description></item>
    /// <item><term>weight of a norm</term><description>1</description></item>
    /// <item><term>other matrices (tokens, field embeddings)</term><description>normal, deviation 0.02</description></item>
    /// </list>
    /// </summary>
    public static void Fill(nn.Module module, Generator generator)
    {
        using var grad = no_grad();
        foreach ((string name, TorchSharp.Modules.Parameter p) in module.named_parameters())
        {
            if (name.EndsWith("bias", StringComparison.Ordinal)) p.zero_();
            else if (p.dim() == 1) p.fill_(1);
            else if (name.EndsWith("weight", StringComparison.Ordinal))
            {
                double reach = Math.Sqrt(6.0 / (p.size(0) + p.size(1)));
                p.uniform_(-reach, reach, generator);
            }
            else p.normal_(0, .02, generator);
        }
    }
}
