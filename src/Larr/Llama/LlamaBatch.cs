using System.Runtime.InteropServices;

namespace Larr.Llama;

/// <summary>The native arrays of one batch: tokens with position, sequence, and whether their output is wanted.</summary>
sealed unsafe class LlamaBatch : SafeHandle
{
    readonly int _capacity;
    readonly LlamaBatchArgs _args;

    public LlamaBatch(int tokens, int sequences) : base(0, ownsHandle: true)
    {
        _capacity = tokens;
        // One block: pointers first, then the 4-byte arrays, then the flags, then the sequences' numbers.
        nuint bytes = (nuint)tokens * (8 + 4 + 4 + 4 + 1) + 8 + (nuint)sequences * 4;
        SetHandle((nint)NativeMemory.AllocZeroed(bytes));
        int** sequence = (int**)handle;
        int* token = (int*)(sequence + tokens), position = token + tokens, count = position + tokens, numbers = count + tokens;
        for (int s = 0; s < sequences; s++) numbers[s] = s;
        for (int t = 0; t < tokens; t++) count[t] = 1;
        Numbers = numbers;
        _args = new LlamaBatchArgs { Token = token, Position = position, SequenceCount = count, Sequence = sequence, Output = (sbyte*)(numbers + sequences) };
    }

    int* Numbers { get; }

    public int Count { get; private set; }

    public override bool IsInvalid => handle == 0;

    public LlamaBatchArgs Args => _args with { Count = Count };

    public void Clear() => Count = 0;

    public void Add(int token, int position, int sequence, bool output)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this); // its memory is free, and the context's thread has ended
        if (Count == _capacity) throw new InvalidOperationException($"more than the {_capacity} tokens that the context was made for");
        int at = Count++;
        (_args.Token[at], _args.Position[at], _args.Output[at]) = (token, position, output ? (sbyte)1 : (sbyte)0);
        _args.Sequence[at] = Numbers + sequence;
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }
}
