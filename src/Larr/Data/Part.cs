namespace Larr.Data;

/// <summary>The part of the split that an impression belongs to; stored as one byte per row.</summary>
public enum Part : byte
{
    /// <summary>Models, vocabularies and statistics come from here alone.</summary>
    Train,

    /// <summary>Chooses the stopping epoch and nothing else.</summary>
    Validation,

    /// <summary>Read once, for the reported figures.</summary>
    Test,
}
