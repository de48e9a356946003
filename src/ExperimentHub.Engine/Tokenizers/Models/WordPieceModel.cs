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

    internal WordPieceModel(Vocabulary vocabulary, int unknownId, string prefix, int maxCharsPerWord)
    {
        _unknownId = unknownId;
        _maxCharsPerWord = maxCharsPerWord;
        _wordRoot = _trie.AddRoot();
        _continuationRoot = _trie.AddRoot();
        foreach (var (token, id) in vocabulary.Entries)
        {
            _trie.Add(_wordRoot, token, id);
            if (token.StartsWith(prefix, StringComparison.Ordinal))
            {
                _trie.Add(_continuationRoot, token.AsSpan(prefix.Length), id);
            }
        }
    }

    internal override string Kind => "wordpiece";

    internal override void Tokenize(NormalizedText text, int start, int end, int word, TokenBuffer tokens)
    {
        var chars = text.Chars[start..end];
        if (chars.Length > _maxCharsPerWord && CountCharacters(chars) > _maxCharsPerWord)
        {
            tokens.Add(_unknownId, text.Start(start), text.End(end - 1), word);
            return;
        }

        var before = tokens.Count;
        for (var at = 0; at < chars.Length;)
        {
            var (id, length) = _trie.Longest(at == 0 ? _wordRoot : _continuationRoot, chars[at..]);
            if (length == 0)
            {
                // One part is unknown, so the whole word is.
                tokens.RemoveFrom(before);
                tokens.Add(_unknownId, text.Start(start), text.End(end - 1), word);
                return;
            }

            tokens.Add(id, text.Start(start + at), text.End(start + at + length - 1), word);
            at += length;
        }
    }

    private static int CountCharacters(ReadOnlySpan<char> chars)
    {
        var count = 0;
        foreach (var _ in chars.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
