namespace Larr.Adapt;

/// <summary>How the pre-trained click model is adapted to domains.</summary>
public enum AdaptMethod
{
    /// <summary>Not at all: every domain is served by the pre-trained model.</summary>
    Frozen,

    /// <summary>A copy of the whole model per domain, embeddings included.</summary>
    FineTuning,

    /// <summary>A bias per domain (<see cref="Adapt.DomainBias"/>).</summary>
    DomainBias,

    /// <summary>Low-rank changes of the weights per domain (<see cref="LoraAdapter"/>).</summary>
    Lora,

    /// <summary>A bottleneck per domain (<see cref="Adapt.BottleneckAdapter"/>).</summary>
    BottleneckAdapter,

    /// <summary>Factors of the weights per domain (<see cref="StarAdapter"/>).</summary>
    Star,

    /// <summary>One network of gates that is told the domain (<see cref="Adapt.PepNetGate"/>).</summary>
    PepNetGate,

    /// <summary>Information-aware adaptive kernels per domain (<see cref="IakKernel"/>).</summary>
    Iak,
}
