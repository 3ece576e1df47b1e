namespace Larr.Embed.Packed;

/// <summary>A weight matrix W [N,K] that rows are multiplied with.</summary>
interface IMatrix<T> : IDisposable where T : unmanaged, IElement<T>
{
    /// <summary>y[M,N] = x·Wᵀ for the first <paramref name="rows"/> rows of x [M,K].</summary>
    /// <param name="x">Input.</param>
    /// <param name="y">Output.</param>
    /// <param name="rows">M.</param>
    void Multiply(Rows<T> x, Rows<T> y, int rows);
}
