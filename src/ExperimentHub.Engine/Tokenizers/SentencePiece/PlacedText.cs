namespace ExperimentHub.Engine.Tokenizers;

/// <summary>A text after normalisation.</summary>
/// <param name="Places">The byte of the source that each UTF-16 unit of <paramref name="Text"/> comes from, and after them the byte where the text ends.</param>
internal readonly record struct PlacedText(string Text, int[] Places);
