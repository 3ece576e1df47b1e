using System.Runtime.ExceptionServices;

namespace Larr.Llama;

/// <summary>
/// A thread that only llama.cpp computes on. It sets a processor's tile registers up once per thread and then relies on them; a bfloat16 product of
/// libtorch on the same thread leaves them otherwise, and the next product of quantised weights is an illegal instruction or wrong.
/// </summary>
sealed class DecodeThread : IDisposable
{
    readonly SemaphoreSlim _asked = new(0), _answered = new(0);
    Func<int>? _work;
    ExceptionDispatchInfo? _failure;
    int _result;

    public DecodeThread() => new Thread(Loop) { IsBackground = true, Name = nameof(DecodeThread) }.Start();

    /// <summary>Does <paramref name="work"/> on the thread and waits for its result; called by one thread at a time.</summary>
    public int Run(Func<int> work)
    {
        _work = work;
        _asked.Release();
        _answered.Wait();
        _work = null;
        _failure?.Throw();
        return _result;
    }

    void Loop()
    {
        while (true)
        {
            _asked.Wait();
            if (_work is null) break;
            try
            {
                (_result, _failure) = (_work(), null);
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }
            _answered.Release();
        }
    }

    /// <summary>Ends the thread.</summary>
    public void Dispose()
    {
        _work = null;
        _asked.Release();
    }
}
