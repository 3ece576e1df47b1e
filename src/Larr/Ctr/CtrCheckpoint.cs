using System.Runtime.InteropServices;
using System.Text.Json;
using Larr.Features;
using Larr.Model;
using Larr.Runs;
using Larr.Train;

namespace Larr.Ctr;

/// <summary>
/// What a killed training needs to go on with the same bits, saved after each epoch: weights and embedding rows, both optimizers, the best weights so far, and
/// the curve. The random choices of an epoch follow from its number. A checkpoint is a folder, written aside and renamed when whole.
/// </summary>
sealed class CtrCheckpoint(string folder, CtrModel model, FusedAdamW dense, SparseOptimizer sparse, BestWeights best, EarlyStopping stopping)
{
    const string Name = "checkpoint";

    string Whole => Path.Combine(folder, Name);

    string Type => $"{model.Config.Precision.Type()}";

    string Old => Path.Combine(folder, Name + ".old");

    string Aside => Path.Combine(folder, Name + ".writing");

    /// <summary>Saves the training after the last epoch of <paramref name="curve"/>.</summary>
    internal void Save(IReadOnlyList<CtrEpoch> curve)
    {
        Delete(Aside);
        Directory.CreateDirectory(Aside);
        string At(string file) => Path.Combine(Aside, file);
        NamedWeights.Write(At("weights.safetensors"), NamedWeights.Of(model));
        NamedWeights.Write(At("dense.safetensors"), dense.State);
        using (var writer = new BinaryWriter(File.Create(At("sparse.bin"))))
        {
            writer.Write(MemoryMarshal.AsBytes<float>(model.Embeddings.Weights));
            sparse.Save(writer);
        }
        best.Save(At("best.safetensors"), At("best.f32"));
        File.WriteAllBytes(At("state.json"), JsonSerializer.SerializeToUtf8Bytes(new State([.. curve], double.IsFinite(stopping.Best) ? stopping.Best : null, stopping.Since, dense.Steps, Type), ConfigReader.Json));
        if (Directory.Exists(Whole))
        {
            Delete(Old);
            Disk.Real.Move(Whole, Old);
        }
        Disk.Real.MoveWhole(Aside, Whole);
        Delete(Old);
    }

    /// <summary>Goes back to the saved state and returns the curve up to it; null where nothing was saved, or on a machine that multiplied in another type.</summary>
    internal IReadOnlyList<CtrEpoch>? TryLoad()
    {
        string from = Directory.Exists(Whole) ? Whole : Old;
        if (!Directory.Exists(from)) return null;
        string At(string file) => Path.Combine(from, file);
        State state = JsonSerializer.Deserialize<State>(File.ReadAllBytes(At("state.json")), ConfigReader.Json)!;
        if (state.Type != Type) return null;
        NamedWeights.Read(At("weights.safetensors"), model);
        NamedWeights.Read(At("dense.safetensors"), dense.State);
        state.DenseSteps.CopyTo(dense.Steps, 0);
        using (var reader = new BinaryReader(File.OpenRead(At("sparse.bin"))))
        {
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(model.Embeddings.Weights.AsSpan()));
            sparse.Load(reader);
        }
        best.Load(At("best.safetensors"), At("best.f32"));
        stopping.Resume(state.Best ?? double.NegativeInfinity, state.Since);
        return state.Curve;
    }

    /// <summary>Removes what was saved in a folder, when all that came of the training is written. What a kill leaves half deleted is no checkpoint any more.</summary>
    internal static void Clear(string folder)
    {
        string whole = Path.Combine(folder, Name), old = whole + ".old", aside = whole + ".writing";
        Delete(aside);
        Delete(old);
        if (Directory.Exists(whole)) Disk.Real.Move(whole, aside);
        Delete(aside);
    }

    static void Delete(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }

    sealed record State(CtrEpoch[] Curve, double? Best, int Since, long[] DenseSteps, string Type);
}
