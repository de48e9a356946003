namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>Every piece is a token of the vocabulary, or the unknown one.</summary>
internal sealed class WordLevelModel : TokenModel
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
    private readonly int? _unknownId;

    /// <param name="words">The model's own vocabulary, without added tokens.</param>
    internal WordLevelModel(Dictionary<string, int> words, int? unknownId)
    {
        _ids = words.GetAlternateLookup<ReadOnlySpan<char>>();
        _unknownId = unknownId;
    }

    internal override string Kind => "wordlevel";

    internal override void Tokenize(ReadOnlySpan<char> piece, PieceTokens tokens)
    {
        if (!_ids.TryGetValue(piece, out var id))
        {
            id = _unknownId ?? throw new InputException(
                $"The word '{InputException.Quote(piece.ToString())}' is not in the vocabulary, and the tokenizer has no unknown token.", "tokenizer.no_unknown", InputException.Quote(piece.ToString()));
        }

        tokens.Add(id, 0, piece.Length - 1);
    }
}
