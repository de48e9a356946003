using ExperimentHub.Engine.Tokenizers.Models;
using ExperimentHub.Engine.Tokenizers.Normalizers;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>From text to tokens: added tokens, normaliser, pre-tokeniser and model, in the order of the tokenizers library (0.23).</summary>
internal sealed class TextPipeline
{
    private readonly Normalizer? _normalizer;
    private readonly PreTokenizer? _preTokenizer;
    private readonly bool _needsPlaces;
    private readonly TokenModel _model;
    private readonly PieceCache _cache = new();
    private readonly AddedTokenMatcher _rawTokens;
    private readonly AddedTokenMatcher? _normalizedTokens;
    private readonly Dictionary<int, EdgeSpaces> _edges = [];

    /// <param name="trims">A post-processor trims: the white space at the edges of tokens is noted.</param>
    internal TextPipeline(TokenizerParts parts, bool trims)
    {
        _normalizer = parts.Normalizer;
        _preTokenizer = parts.PreTokenizer;
        _needsPlaces = _preTokenizer is { NeedsPlaces: true };
        _model = parts.Model;
        _rawTokens = new AddedTokenMatcher(parts.AddedTokens.Where(t => !t.Normalized).Select(t => (t.Content, t)));
        var normalized = parts.AddedTokens.Where(t => t.Normalized).Select(t => (Pattern: NormalizeAlone(t.Content), Token: t)).ToList();
        _normalizedTokens = normalized.Count > 0 ? new AddedTokenMatcher(normalized) : null;
        NormalizedContents = normalized.Where(t => t.Pattern != t.Token.Content).GroupBy(t => t.Token.Id).ToDictionary(g => g.Key, g => g.Last().Pattern);
        if (trims)
        {
            foreach (var (token, id) in parts.Vocabulary.Entries)
            {
                if (EdgeSpaces.Of(token) is { Leading: > 0 } or { Trailing: > 0 } && EdgeSpaces.Of(token) is var edges)
                {
                    _edges[id] = edges;
                }
            }
        }
    }

    /// <summary>What added tokens are looked for as, where that is not their content.</summary>
    internal IReadOnlyDictionary<int, string> NormalizedContents { get; }

    /// <summary>Adds the tokens of <paramref name="text"/> to <paramref name="tokens"/>.</summary>
    /// <param name="word">The word that all of them belong to; null: each piece is a word.</param>
    /// <param name="isLiteral">Of a range of the text: true where it is no added token, whatever it reads like.</param>
    internal void Tokenize(string text, int? word, Workspace workspace, TokenBuffer tokens, Func<int, int, bool>? isLiteral = null)
    {
        workspace.RawPieces.Clear();
        _rawTokens.Split(text, workspace.RawPieces, isLiteral);
        var number = 0;
        foreach (var (piece, token) in workspace.RawPieces)
        {
            if (token is not null)
            {
                tokens.Add(token.Id, piece.Start, piece.End, word ?? number++, EdgeSpaces.Of(text.AsSpan(piece.Start, piece.End - piece.Start)));
                continue;
            }

            workspace.Original.Set(text.AsSpan(piece.Start, piece.End - piece.Start), piece.Start, tokens.Tracks || _needsPlaces || isLiteral is not null);
            var normalized = workspace.Original;
            if (_normalizer is not null)
            {
                normalized = workspace.Normalized;
                normalized.ClearFor(workspace.Original);
                _normalizer.Normalize(workspace.Original, normalized);
            }

            number = TokenizeNormalized(normalized, word, number, workspace, tokens, isLiteral);
        }
    }

    private int TokenizeNormalized(NormalizedText text, int? word, int number, Workspace workspace, TokenBuffer tokens, Func<int, int, bool>? isLiteral)
    {
        if (_normalizedTokens is null)
        {
            return TokenizePieces(text, new(0, text.Length), word, number, workspace, tokens);
        }

        workspace.NormalizedPieces.Clear();
        _normalizedTokens.Split(text.Chars, workspace.NormalizedPieces, isLiteral is null ? null : (start, end) => isLiteral(text.Start(start), text.End(end - 1)));
        foreach (var (piece, token) in workspace.NormalizedPieces)
        {
            if (token is not null)
            {
                tokens.Add(token.Id, text.Start(piece.Start), text.End(piece.End - 1), word ?? number++, EdgeSpaces.Of(text.Chars[piece.Start..piece.End]));
            }
            else
            {
                number = TokenizePieces(text, piece, word, number, workspace, tokens);
            }
        }

        return number;
    }

    private int TokenizePieces(NormalizedText text, Piece range, int? word, int number, Workspace workspace, TokenBuffer tokens)
    {
        var cut = workspace.PreTokenized;
        cut.Start(text, range);
        _preTokenizer?.Apply(cut);
        var mayCut = _model.MayCut(cut.Text.Chars);
        foreach (var piece in cut.Pieces)
        {
            if (mayCut)
            {
                TokenizeParts(cut.Text, piece, word ?? number, workspace.Tokens, tokens);
            }
            else
            {
                TokenizePiece(cut.Text, piece, isPart: false, word ?? number, workspace.Tokens, tokens);
            }

            number++;
        }

        return number;
    }

    /// <summary>A piece in the parts that its model allows, which are met again more often than the whole.</summary>
    private void TokenizeParts(NormalizedText text, Piece piece, int word, PieceTokens fresh, TokenBuffer tokens)
    {
        for (var start = piece.Start; start < piece.End;)
        {
            var length = _model.FirstPart(text.Chars[start..piece.End]);
            TokenizePiece(text, new(start, start + length), isPart: length < piece.End - piece.Start, word, fresh, tokens);
            start += length;
        }
    }

    private void TokenizePiece(NormalizedText text, Piece piece, bool isPart, int word, PieceTokens fresh, TokenBuffer tokens)
    {
        var chars = text.Chars[piece.Start..piece.End];
        if (chars.Length > PieceCache.LongestPiece)
        {
            Tokenize(chars, isPart, fresh);
            Add(text, piece.Start, word, fresh.Ids, fresh.Firsts, fresh.Lasts, tokens);
            return;
        }

        // The tokens of a part may differ from those of a piece that reads the same.
        var hash = isPart ? ~PieceCache.Hash(chars) : PieceCache.Hash(chars);
        var entry = _cache.Find(chars, hash);
        if (!entry.IsKnown)
        {
            Tokenize(chars, isPart, fresh);
            entry = _cache.Add(chars, hash, fresh);
        }

        if (tokens.Tracks)
        {
            Add(text, piece.Start, word, entry.Ids, entry.Firsts, entry.Lasts, tokens);
        }
        else
        {
            tokens.AddIds(entry.Ids);
        }
    }

    private void Tokenize(ReadOnlySpan<char> chars, bool isPart, PieceTokens fresh)
    {
        fresh.Clear();
        if (isPart)
        {
            _model.TokenizePart(chars, fresh);
        }
        else
        {
            _model.Tokenize(chars, fresh);
        }
    }

    private void Add(NormalizedText text, int start, int word, ReadOnlySpan<int> ids, ReadOnlySpan<int> firsts, ReadOnlySpan<int> lasts, TokenBuffer tokens)
    {
        if (!tokens.Tracks)
        {
            tokens.AddIds(ids);
            return;
        }

        for (var i = 0; i < ids.Length; i++)
        {
            var (first, last) = (start + firsts[i], start + lasts[i]);
            tokens.Add(ids[i], text.Start(first), text.End(last), word, Edges(text, ids[i], first, last));
        }
    }

    private EdgeSpaces Edges(NormalizedText text, int id, int first, int last) =>
        _model.IsSurface(id) ? EdgeSpaces.Of(text.Chars[first..(last + 1)]) : _edges.GetValueOrDefault(id);

    private string NormalizeAlone(string content)
    {
        if (_normalizer is null)
        {
            return content;
        }

        var (source, target) = (new NormalizedText(), new NormalizedText());
        source.Set(content, 0);
        target.ClearFor(source);
        _normalizer.Normalize(source, target);
        return target.Chars.ToString();
    }
}
