using Larr.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Larr.Embed.Packed;

/// <summary>
/// The model, ready to compute on several threads. Each works on batches of its own, with one thread of the tensor library: batches need
/// no barriers between them, and a text's result does not depend on who computed it.
/// </summary>
sealed class PackedEngine : IDisposable
{
    readonly List<IWorker> _workers = [];
    readonly List<IDisposable> _owned = [];
    readonly Func<IWorker> _newWorker;
    readonly int _most;
    readonly bool _causal;

    /// <summary>Takes an encoder's weights; the encoder belongs to the engine from now on.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="type">Type of the matrix products.</param>
    /// <param name="batchTokens">Most tokens of a batch of more than one text.</param>
    /// <param name="longest">Most tokens of a text.</param>
    /// <param name="device">Where to compute.</param>
    public PackedEngine(TextEncoder encoder, ScalarType type, int batchTokens, int longest, Device device)
    {
        _causal = encoder.Attention == TextAttention.Causal;
        int rows = Math.Max(batchTokens, longest);
        bool processor = device.type == DeviceType.CPU;
        if (processor && type == ScalarType.BFloat16 && PackedWeights.Fit(encoder, longest))
            _newWorker = Pack<BFloat16Element>(encoder, w => new BFloat16Matrix(w), rows, longest);
        else if (processor && type == ScalarType.Float32 && PackedWeights.Fit(encoder, longest))
            _newWorker = Pack<Float32Element>(encoder, w => new PackedMatrix(w), rows, longest);
        else
        {
            _owned.Add(encoder);
            encoder.to(device);
            encoder.eval();
            encoder.LanguageModel.Compute = type;
            _newWorker = () => new ModuleWorker(encoder, device);
            _most = 1;
            return;
        }
        _most = int.MaxValue;
        encoder.Dispose();
    }

    /// <summary>An engine of one worker, which has threads of its own.</summary>
    public PackedEngine(IWorker only)
    {
        _workers.Add(only);
        _newWorker = () => only;
        _most = 1;
    }

    /// <summary>Whether beginnings that texts of a batch share are computed once, which needs attention that does not look ahead.</summary>
    public bool SharesBeginnings => _most > 1 && _causal;

    /// <summary>Threads that would compute now: as many as the tensor library has.</summary>
    public int Workers => Math.Min(_most, get_num_threads());

    /// <summary>Computes batches until there are no more, on <paramref name="count"/> threads.</summary>
    /// <param name="count">Number of threads.</param>
    /// <param name="batches">Batches, taken by several threads.</param>
    /// <param name="take">Receives each batch with a text's index in it and its vector; called by several threads.</param>
    /// <param name="finished">Called after each batch.</param>
    public void Run(int count, IEnumerable<TextBatch> batches, Action<TextBatch, int, ReadOnlySpan<float>> take, Action<TextBatch> finished)
    {
        while (_workers.Count < count) _workers.Add(_newWorker());
        int threads = get_num_threads();
        Exception? failure = null;
        using IEnumerator<TextBatch> source = batches.GetEnumerator();
        var gate = new Lock();
        Thread[] running = [.. _workers.Take(count).Select(worker => new Thread(() => Work(worker)) { IsBackground = true, Name = "larr embed" })];
        foreach (Thread thread in running) thread.Start();
        foreach (Thread thread in running) thread.Join();
        set_num_threads(threads); // The workers set the library's default for new threads.
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);

        void Work(IWorker worker)
        {
            try
            {
                if (_most > 1) set_num_threads(1);
                using var noGrad = no_grad();
                while (Next() is { } batch)
                {
                    worker.Run(batch.Forest, (text, vector) => take(batch, text, vector));
                    finished(batch);
                }
            }
            catch (Exception e)
            {
                lock (gate) failure ??= e;
            }
        }

        TextBatch? Next()
        {
            lock (gate) return failure is null && source.MoveNext() ? source.Current : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IWorker worker in _workers) worker.Dispose();
        foreach (IDisposable owned in _owned) owned.Dispose();
    }

    Func<IWorker> Pack<T>(TextEncoder encoder, Func<Tensor, IMatrix<T>> matrix, int rows, int longest) where T : unmanaged, IElement<T>
    {
        var weights = new PackedWeights<T>(encoder, longest, matrix);
        _owned.Add(weights);
        var forward = new PackedForward<T>(weights);
        return () => new PackedWorker<T>(forward, new Workspace<T>(weights, rows, longest));
    }
}
