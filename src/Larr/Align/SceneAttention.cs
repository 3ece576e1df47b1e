using Larr.Kernels;
using Larr.Model;
using static TorchSharp.torch;

namespace Larr.Align;

/// <summary>
/// Multi-head attention among the tokens of each scene. A scene has a handful of tokens, so that a tensor library spends its time on copies and on softmaxes of
/// eight numbers; here a scene is worked on while it is in the cache. The number of threads changes no bit.
/// </summary>
/// <remarks>S scenes, T tokens, A answered tokens, w width, H heads, d = w / H.</remarks>
static unsafe class SceneAttention
{
    const int BlockScenes = 32;

    /// <summary>What the first <paramref name="answered"/> tokens take from all tokens of their scene, by softmax(q · k / √d).</summary>
    /// <param name="projected">Queries, keys and values beside each other, float32 [S,T,3w].</param>
    /// <param name="heads">H.</param>
    /// <param name="answered">A.</param>
    /// <returns>[S,A,w].</returns>
    internal static Tensor Apply(Tensor projected, int heads, int answered) => Function.apply(projected.contiguous(), heads, answered);

    sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(SceneAttention);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (projected, heads, answered) = ((Tensor)vars[0], (int)vars[1], (int)vars[2]);
            long scenes = projected.size(0);
            var loops = new SceneAttentionLoops((int)projected.size(1), answered, heads, (int)projected.size(2) / 3);
            Tensor mixed = empty(scenes, answered, loops.Width), weights = empty(scenes, loops.WeightsPerScene);
            float* from = projected.Floats(), p = weights.Floats(), y = mixed.Floats();
            Chunks.Run(scenes, BlockScenes, get_num_threads(), (begin, end) =>
            {
                fixed (float* scratch = new float[loops.Scratch])
                {
                    for (long s = begin; s < end; s++)
                        loops.Forward(from + s * loops.ProjectedPerScene, scratch, p + s * loops.WeightsPerScene, y + s * answered * loops.Width);
                }
            });
            ctx.save_for_backward([projected, weights]);
            ctx.save_data(nameof(SceneAttentionLoops), loops);
            return mixed;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            using Tensor given = gradient.contiguous();
            List<Tensor> saved = ctx.get_saved_variables();
            (Tensor projected, Tensor weights) = (saved[0], saved[1]);
            var loops = (SceneAttentionLoops)ctx.get_data(nameof(SceneAttentionLoops));
            Tensor ofProjected = empty_like(projected);
            float* from = projected.Floats(), p = weights.Floats(), g = given.Floats(), to = ofProjected.Floats();
            Chunks.Run(projected.size(0), BlockScenes, get_num_threads(), (begin, end) =>
            {
                fixed (float* scratch = new float[loops.Scratch])
                {
                    for (long s = begin; s < end; s++)
                        loops.Backward(g + s * loops.Answered * loops.Width, from + s * loops.ProjectedPerScene, scratch, p + s * loops.WeightsPerScene, to + s * loops.ProjectedPerScene);
                }
            });
            return [ofProjected, null!, null!];
        }
    }
}
