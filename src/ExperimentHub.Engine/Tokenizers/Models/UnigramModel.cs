using System.Globalization;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>
/// The unigram language model (Kudo 2018): of all ways to cut a word into tokens the one with the largest sum of scores, found by
/// Viterbi's algorithm in double precision. A character that no token covers costs ten more than the worst token, and unknown
/// characters in a row are one token.
/// </summary>
internal sealed class UnigramModel : TokenModel
{
    private const double UnknownPenalty = 10;
    private const int Absent = -1;

    [ThreadStatic]
    private static Path? s_path;

    private readonly WordTrie _trie = new();
    private readonly int _root;
    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int _unknownId;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
    private readonly int[]? _fallbackIds;

    /// <param name="pieces">Tokens and their scores in the order of ids; of two that are equal the later one counts.</param>
    /// <param name="unknownId">Null: text with an unknown character is refused.</param>
    internal UnigramModel(IReadOnlyList<(string Token, double Score)> pieces, int? unknownId, bool byteFallback)
    {
        _root = _trie.AddRoot();
        _scores = [.. pieces.Select(p => p.Score)];
        _unknownScore = pieces.Min(p => p.Score) - UnknownPenalty;
        _unknownId = unknownId ?? Absent;
        var ids = new Dictionary<string, int>(pieces.Count);
        for (var id = 0; id < pieces.Count; id++)
        {
            ids[pieces[id].Token] = id;
            _trie.Add(_root, pieces[id].Token, id);
        }

        _ids = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _fallbackIds = byteFallback ? [.. Enumerable.Range(0, 256).Select(b => ids.GetValueOrDefault(string.Create(CultureInfo.InvariantCulture, $"<0x{b:X2}>"), Absent))] : null;
    }

    internal override string Kind => "unigram";

    internal override bool IsSurface(int id) => id == _unknownId;

    internal override void Tokenize(ReadOnlySpan<char> piece, PieceTokens tokens)
    {
        var path = s_path ?? new Path();
        s_path = null;
        path.Start(piece.Length);
        FindBest(piece, path);
        AddTokens(piece, path, tokens);
        s_path = path.IsSmall ? path : null;
    }

    private void FindBest(ReadOnlySpan<char> piece, Path path)
    {
        for (var start = 0; start < piece.Length;)
        {
            var character = start + 1 < piece.Length && char.IsSurrogatePair(piece[start], piece[start + 1]) ? 2 : 1;
            var before = path.Scores[start];
            var covered = false;
            var node = _root;
            for (var end = start; end < piece.Length;)
            {
                node = _trie.Child(node, piece[end++]);
                if (node == 0)
                {
                    break;
                }

                if (_trie.Token(node) is var id and >= 0)
                {
                    path.Offer(start, end, id, before + _scores[id]);
                    covered |= end - start == character;
                }
            }

            if (!covered)
            {
                RequireUnknown(piece.Slice(start, character));
                path.Offer(start, start + character, _unknownId, before + _unknownScore);
            }

            start += character;
        }
    }

    private void RequireUnknown(ReadOnlySpan<char> character)
    {
        if (_unknownId == Absent)
        {
            throw new InputException(
                $"The word '{InputException.Quote(character.ToString())}' is not in the vocabulary, and the tokenizer has no unknown token.",
                "tokenizer.no_unknown",
                InputException.Quote(character.ToString()));
        }
    }

    private void AddTokens(ReadOnlySpan<char> piece, Path path, PieceTokens tokens)
    {
        var count = path.Trace(piece.Length);
        for (var i = 0; i < count; i++)
        {
            var (start, end, id) = path.Steps[i];
            if (id != _unknownId)
            {
                tokens.Add(id, start, end - 1);
                continue;
            }

            while (i + 1 < count && path.Steps[i + 1].Id == _unknownId)
            {
                end = path.Steps[++i].End;
            }

            AddUnknown(piece, start, end, tokens);
        }
    }

    private void AddUnknown(ReadOnlySpan<char> piece, int start, int end, PieceTokens tokens)
    {
        var text = piece[start..end];
        if (_ids.TryGetValue(text, out var id))
        {
            tokens.Add(id, start, end - 1);
            return;
        }

        if (_fallbackIds is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(text.ToString());
            if (Array.TrueForAll(bytes, b => _fallbackIds[b] != Absent))
            {
                foreach (var b in bytes)
                {
                    tokens.Add(_fallbackIds[b], start, end - 1);
                }

                return;
            }
        }

        tokens.Add(_unknownId, start, end - 1);
    }

    /// <summary>For each place in the word the best way to it.</summary>
    private sealed class Path
    {
        private int[] _starts = [];
        private int[] _ids = [];

        internal double[] Scores { get; private set; } = [];

        internal List<(int Start, int End, int Id)> Steps { get; } = [];

        internal bool IsSmall => Scores.Length <= 1 << 16;

        internal void Start(int length)
        {
            if (Scores.Length <= length)
            {
                Scores = new double[Math.Max(64, 2 * length)];
                _starts = new int[Scores.Length];
                _ids = new int[Scores.Length];
            }

            Array.Fill(_starts, Absent, 0, length + 1);
            Scores[0] = 0;
        }

        internal void Offer(int start, int end, int id, double score)
        {
            if (_starts[end] == Absent || score > Scores[end])
            {
                Scores[end] = score;
                _starts[end] = start;
                _ids[end] = id;
            }
        }

        internal int Trace(int end)
        {
            Steps.Clear();
            for (; end > 0; end = _starts[end])
            {
                Steps.Add((_starts[end], end, _ids[end]));
            }

            Steps.Reverse();
            return Steps.Count;
        }
    }
}
