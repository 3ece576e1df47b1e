using Microsoft.Win32.SafeHandles;

namespace Larr.Llama;

/// <summary>A loaded model.</summary>
sealed class LlamaModelHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        LlamaNative.FreeModel(handle);
        return true;
    }
}

/// <summary>A context, which keeps its model alive.</summary>
sealed class LlamaContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    LlamaModelHandle? _model;

    public void Keep(LlamaModelHandle model)
    {
        bool kept = false;
        model.DangerousAddRef(ref kept);
        _model = model;
    }

    protected override bool ReleaseHandle()
    {
        LlamaNative.FreeContext(handle);
        _model?.DangerousRelease();
        return true;
    }
}
