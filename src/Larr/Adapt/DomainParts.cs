using Larr.Data;

namespace Larr.Adapt;

/// <summary>The rows of one domain.</summary>
/// <param name="Code">The domain field's code.</param>
/// <param name="Value">The domain field's value.</param>
/// <param name="Train">Training rows.</param>
/// <param name="Validation">Validation rows.</param>
/// <param name="Test">Test rows.</param>
/// <param name="TestPositions">Positions of the test rows among all test rows.</param>
sealed record DomainPart(int Code, string Value, int[] Train, int[] Validation, int[] Test, int[] TestPositions);

/// <summary>The rows of a table by domain.</summary>
sealed class DomainParts
{
    internal DomainParts(ImpressionTable table, string field)
    {
        IReadOnlyList<string> values = table.Values(field);
        ReadOnlySpan<int> codes = table.Codes(field);
        ReadOnlySpan<Part> parts = table.Parts;
        List<int>[][] rows = [.. values.Select(_ => new List<int>[] { [], [], [], [] })];
        int test = 0;
        for (int r = 0; r < codes.Length; r++)
        {
            rows[codes[r]][(int)parts[r]].Add(r);
            if (parts[r] == Part.Test) rows[codes[r]][3].Add(test++);
        }
        All = [.. values.Select((v, d) => new DomainPart(d, v, [.. rows[d][0]], [.. rows[d][1]], [.. rows[d][2]], [.. rows[d][3]]))];
    }

    /// <summary>Every domain, in dictionary order.</summary>
    internal IReadOnlyList<DomainPart> All { get; }
}
