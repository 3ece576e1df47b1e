namespace Larr.Corpus.General;

/// <summary>One document of the general text.</summary>
/// <param name="Source">Where it comes from, for the counts per source.</param>
/// <param name="Topic">What it is about; documents of one topic are held out together.</param>
/// <param name="Text">Its text, one line.</param>
/// <param name="Everyday">Whether it is about something that the base model must know, so that it is never held out.</param>
public readonly record struct Document(string Source, string Topic, string Text, bool Everyday);
