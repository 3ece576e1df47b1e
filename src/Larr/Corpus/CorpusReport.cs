namespace Larr.Corpus;

/// <summary>What the Corpus stage wrote.</summary>
/// <param name="Documents">Training documents, after duplicates were dropped.</param>
/// <param name="HeldOut">Held-out documents.</param>
/// <param name="Kinds">Documents of each kind (item, user, scene, behaviour), held-out ones included.</param>
/// <param name="Duplicates">Documents dropped because their text was there already.</param>
/// <param name="Characters">Characters of the training documents.</param>
/// <param name="HeldOutItems">Items that are held out; 0 where documents are held out singly because the items are few.</param>
/// <param name="SpecialTokens">Number of special tokens.</param>
public sealed record CorpusReport(
    int Documents, int HeldOut, IReadOnlyDictionary<string, int> Kinds, int Duplicates, long Characters, int HeldOutItems, int SpecialTokens);
