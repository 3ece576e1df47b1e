using Larr.Train;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Larr.Adapt;

/// <summary>The two-layer perceptron that a kernel's encoder and decoder are.</summary>
sealed class KernelMlp : nn.Module<Tensor, Tensor>
{
    readonly Linear up, down;

    internal KernelMlp(int inputs, int width, int outputs, Generator generator) : base(nameof(KernelMlp))
    {
        up = nn.Linear(inputs, width);
        down = nn.Linear(width, outputs);
        RegisterComponents();
        Initial.Fill(this, generator);
    }

    /// <summary>Makes the output zero for every input.</summary>
    internal KernelMlp Zeroed()
    {
        using var grad = no_grad();
        down.weight!.zero_();
        down.bias!.zero_();
        return this;
    }

    public override Tensor forward(Tensor x) => down.forward(up.forward(x).relu());
}
