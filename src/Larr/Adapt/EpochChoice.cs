using Larr.Ctr;
using Larr.Data;

namespace Larr.Adapt;

/// <summary>After which epoch each domain is served, by validation rows alone.</summary>
static class EpochChoice
{
    internal static IReadOnlyDictionary<string, int> Of(ImpressionTable table, IReadOnlyList<DomainCurve> curves) => throw new NotImplementedException();
}
