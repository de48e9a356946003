namespace ExperimentHub.Engine.Tokenizers;

/// <summary>A piece that <see cref="SentencePieceProcessor"/> found in a text.</summary>
/// <param name="Text">The piece as the vocabulary has it; of unknown characters themselves.</param>
/// <param name="Start">First byte in the UTF-8 of the text.</param>
/// <param name="End">The byte after the last. Of pieces that stand for the bytes of an unknown character, the last has its place and those before it are empty.</param>
public readonly record struct EncodedPiece(int Id, string Text, int Start, int End);
