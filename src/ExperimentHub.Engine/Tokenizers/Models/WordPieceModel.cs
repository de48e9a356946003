namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>
/// WordPiece (Schuster and Nakajima 2012, as in BERT): the longest token that begins the word, then the longest continuation
/// (<c>##ing</c>) that begins the rest, and so on; a word that cannot be covered, or is too long, becomes the unknown token as a whole.
/// </summary>
internal sealed class WordPieceModel : TokenModel
{
    private readonly WordTrie _trie = new();
    private readonly int _unknownId;
    private readonly int _maxCharsPerWord;
    private readonly int _wordRoot;
    private readonly int _continuationRoot;

    /// <param name="ids">The model's own vocabulary, without added tokens.</param>
    internal WordPieceModel(Dictionary<string, int> ids, int unknownId, string prefix, int maxCharsPerWord)
    {
        _unknownId = unknownId;
        _maxCharsPerWord = maxCharsPerWord;
        _wordRoot = _trie.AddRoot();
        _continuationRoot = _trie.AddRoot();
        foreach (var (token, id) in ids)
        {
            _trie.Add(_wordRoot, token, id);
            if (token.StartsWith(prefix, StringComparison.Ordinal))
            {
                _trie.Add(_continuationRoot, token.AsSpan(prefix.Length), id);
            }
        }
    }

    internal override string Kind => "wordpiece";

    internal override void Tokenize(ReadOnlySpan<char> piece, PieceTokens tokens)
    {
        if (piece.Length > _maxCharsPerWord && CountCharacters(piece) > _maxCharsPerWord)
        {
            tokens.Add(_unknownId, 0, piece.Length - 1);
            return;
        }

        for (var at = 0; at < piece.Length;)
        {
            var (id, length) = _trie.Longest(at == 0 ? _wordRoot : _continuationRoot, piece[at..]);
            if (length == 0)
            {
                // One part is unknown, so the whole word is.
                tokens.Clear();
                tokens.Add(_unknownId, 0, piece.Length - 1);
                return;
            }

            tokens.Add(id, at, at + length - 1);
            at += length;
        }
    }

    private static int CountCharacters(ReadOnlySpan<char> chars)
    {
        var count = 0;
        foreach (var c in chars)
        {
            count += char.IsLowSurrogate(c) ? 0 : 1;
        }

        return count;
    }
}
