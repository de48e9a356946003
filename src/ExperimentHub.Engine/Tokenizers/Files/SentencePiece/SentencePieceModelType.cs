namespace ExperimentHub.Engine.Tokenizers;

/// <summary>How a SentencePiece model cuts text, with the numbers of its file.</summary>
internal enum SentencePieceModelType
{
    Unigram = 1,
    Bpe = 2,
    Word = 3,
    Char = 4,
}
