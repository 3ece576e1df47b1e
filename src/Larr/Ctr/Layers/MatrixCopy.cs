using Larr.Kernels;

namespace Larr.Ctr.Layers;

/// <summary>A row-major matrix in memory.</summary>
/// <param name="At">Address of the first number.</param>
/// <param name="Columns">Numbers of a row.</param>
/// <param name="Stride">Numbers from one row to the next.</param>
/// <param name="Rows">Rows.</param>
readonly record struct Matrix(nint At, int Columns, int Stride, int Rows)
{
    /// <summary>Where a row begins.</summary>
    internal unsafe void* Row<TLanes>(long row) where TLanes : ILanes => (byte*)At + row * Stride * TLanes.Size;

    /// <summary>Makes zero what lies between two rows.</summary>
    internal unsafe void ClearAfter<TLanes>(long row) where TLanes : ILanes =>
        new Span<byte>((byte*)Row<TLanes>(row) + (long)Columns * TLanes.Size, (Stride - Columns) * TLanes.Size).Clear();

    /// <summary>Makes the rows from one on zero.</summary>
    internal unsafe void ClearFrom<TLanes>(int row) where TLanes : ILanes => new Span<byte>(Row<TLanes>(row), checked((Rows - row) * Stride * TLanes.Size)).Clear();
}

/// <summary>Copies a matrix into one of another type and size: cut where the other is smaller, padded with zeros where it is larger.</summary>
static unsafe class MatrixCopy
{
    const int Lanes = 16;

    internal static void Run<TFrom, TTo>(Matrix from, Matrix to, int threads)
        where TFrom : ILanes
        where TTo : ILanes
    {
        int rows = Math.Min(from.Rows, to.Rows), columns = Math.Min(from.Columns, to.Columns);
        Matrix filled = to with { Columns = columns };
        Chunks.Run(rows, Chunks.Rows(columns), threads, (begin, end) =>
        {
            for (long row = begin; row < end; row++)
            {
                void* source = from.Row<TFrom>(row), target = to.Row<TTo>(row);
                int j = 0;
                for (; j <= columns - Lanes; j += Lanes) TTo.Store(target, j, TFrom.Load(source, j));
                for (; j < columns; j++) TTo.Set(target, j, TFrom.Get(source, j));
                filled.ClearAfter<TTo>(row);
            }
        });
        to.ClearFrom<TTo>(rows);
    }
}
