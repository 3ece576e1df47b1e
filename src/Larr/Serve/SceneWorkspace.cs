namespace Larr.Serve;

/// <summary>The memory that encoding a scene works in. One thread uses it at a time; the encoder itself is shared by all.</summary>
public sealed class SceneWorkspace
{
    /// <summary>Memory for scenes of <paramref name="encoder"/>.</summary>
    public SceneWorkspace(SceneEncoder encoder)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        (Scratch, Scene, Offsets) = (new float[encoder.Kernel.ScratchLength], new float[encoder.Kernel.OutputStride], new int[encoder.Fields.Count]);
    }

    internal float[] Scratch { get; }

    internal float[] Scene { get; }

    internal int[] Offsets { get; }
}
