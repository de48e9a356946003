using System.Globalization;
using System.Text;
using ExperimentHub.Engine.Tokenizers.ByteLevel;

namespace ExperimentHub.Engine.Tokenizers.Models;

/// <summary>
/// Byte-pair encoding: the characters of a word (or its bytes) are symbols, which <see cref="BpeWord"/> joins.
/// </summary>
internal sealed class BpeModel : TokenModel
{
    private const int Absent = -1;

    /// <summary>SentencePiece's mark of a space.</summary>
    private const char Mark = '▁';

    [ThreadStatic]
    private static BpeWord? s_word;

    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;
    private readonly MergeRanks _merges;
    private readonly BpeOptions _options;
    private readonly int _unknownId = Absent;
    private readonly int[] _byteIds;
    private readonly int[] _fallbackIds;

    /// <param name="ids">The model's own vocabulary, without added tokens.</param>
    internal BpeModel(Dictionary<string, int> ids, MergeRanks merges, BpeOptions options)
    {
        (_ids, _merges, _options) = (ids, merges, options);
        _idsBySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        if (options.UnknownToken is { } unknown)
        {
            _unknownId = ids.GetValueOrDefault(unknown, Absent);
        }

        Boundary = MayCutAt(Mark) ? Mark : null;
        _byteIds = [.. Enumerable.Range(0, 256).Select(b => ids.GetValueOrDefault(ByteAlphabet.Character((byte)b).ToString(), Absent))];
        _fallbackIds = [.. Enumerable.Range(0, 256).Select(b => ids.GetValueOrDefault(string.Create(CultureInfo.InvariantCulture, $"<0x{b:X2}>"), Absent))];
    }

    internal override string Kind => "bpe";

    internal override char? Boundary { get; }

    internal override IEnumerable<TokenMerge> Merges => _merges.All;

    /// <summary>True: pieces come as plain text, and this writes them in the byte alphabet; false: they come in it, or are meant as characters.</summary>
    internal bool TakesBytes { get; set; }

    /// <summary>Whether <see cref="TakesBytes"/> may be set: every byte is a token by itself.</summary>
    internal bool MayTakeBytes => _options is { Prefix: "", Suffix: "" } && !_byteIds.Contains(Absent);

    internal override void Tokenize(ReadOnlySpan<char> piece, PieceTokens tokens)
    {
        if (_options.IgnoreMerges && (TakesBytes ? _ids.GetValueOrDefault(ByteAlphabet.Write(piece), Absent) : Find(piece)) is var whole && whole != Absent)
        {
            tokens.Add(whole, 0, piece.Length - 1);
            return;
        }

        var word = s_word ?? new BpeWord();
        s_word = null;
        word.Clear();
        if (TakesBytes)
        {
            AddBytes(piece, word);
        }
        else
        {
            AddCharacters(piece, word);
        }

        word.Merge(_merges);
        Place(piece, word, tokens);
        s_word = word.IsSmall ? word : null;
    }

    /// <summary>True if the character is a token and no other token holds it after a different one, so that no merge joins across.</summary>
    private bool MayCutAt(char mark) =>
        _options is { Prefix: "", Suffix: "", IgnoreMerges: false } && _ids.ContainsKey(mark.ToString()) && _ids.Keys.All(t => t.LastIndexOf(mark) is var last && (last <= 0 || t.AsSpan(0, last).IndexOfAnyExcept(mark) < 0));

    private void AddBytes(ReadOnlySpan<char> piece, BpeWord word)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < piece.Length;)
        {
            if (piece[i] < 0x80)
            {
                word.Add(_byteIds[piece[i++]], 1);
                continue;
            }

            var rune = UnicodeClasses.RuneAt(piece, i, out var length);
            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
            {
                word.Add(_byteIds[b], 1);
            }

            i += length;
        }
    }

    private void AddCharacters(ReadOnlySpan<char> piece, BpeWord word)
    {
        var unknown = 0;   // bytes of the unknown characters that wait to become a token
        for (var i = 0; i < piece.Length;)
        {
            var rune = UnicodeClasses.RuneAt(piece, i, out var length);
            var bytes = rune.Utf8SequenceLength;
            var symbol = piece.Slice(i, length);
            if (_options.Prefix.Length > 0 && i > 0)
            {
                symbol = _options.Prefix + symbol.ToString();
            }

            i += length;
            if (_options.Suffix.Length > 0 && i == piece.Length)
            {
                symbol = symbol.ToString() + _options.Suffix;
            }

            if (Find(symbol) is var id && id != Absent)
            {
                if (unknown > 0)
                {
                    word.Add(_unknownId, unknown);
                    unknown = 0;
                }

                word.Add(id, bytes);
            }
            else if (!(_options.ByteFallback && AddFallback(symbol, word)) && _options.UnknownToken is not null)
            {
                RequireUnknown();
                if (unknown > 0 && !_options.FuseUnknown)
                {
                    word.Add(_unknownId, unknown);
                    unknown = 0;
                }

                unknown += bytes;
            }
        }

        if (unknown > 0)
        {
            word.Add(_unknownId, unknown);
        }
    }

    private void RequireUnknown()
    {
        if (_unknownId == Absent)
        {
            throw new InputException(
                $"The unknown token '{InputException.Quote(_options.UnknownToken)}' of tokenizer.json is not in its vocabulary; take the original file.",
                "tokenizer.unknown_absent",
                InputException.Quote(_options.UnknownToken));
        }
    }

    private bool AddFallback(ReadOnlySpan<char> symbol, BpeWord word)
    {
        var bytes = Encoding.UTF8.GetBytes(symbol.ToString());
        if (!Array.TrueForAll(bytes, b => _fallbackIds[b] != Absent))
        {
            return false;
        }

        foreach (var b in bytes)
        {
            word.Add(_fallbackIds[b], 1);
        }

        return true;
    }

    private int Find(ReadOnlySpan<char> token) => _idsBySpan.TryGetValue(token, out var id) ? id : Absent;

    /// <summary>From lengths in bytes to UTF-16 units. As in the library, symbols that were left out (unknown, with no unknown token) move those after them.</summary>
    private static void Place(ReadOnlySpan<char> piece, BpeWord word, PieceTokens tokens)
    {
        var (unit, unitStart) = (0, 0);     // a unit of the piece and its first byte
        var at = 0;
        for (var i = 0; i < word.Count; i++)
        {
            var first = Advance(piece, at, ref unit, ref unitStart);
            at += word.Lengths[i];
            tokens.Add(word.Ids[i], first, Advance(piece, Math.Max(0, at - 1), ref unit, ref unitStart));
        }
    }

    /// <summary>The unit that holds a byte; of a pair the first one.</summary>
    private static int Advance(ReadOnlySpan<char> piece, int at, ref int unit, ref int unitStart)
    {
        while (true)
        {
            var c = piece[unit];
            var (bytes, units) = c < 0x80 ? (1, 1) : c < 0x800 ? (2, 1) : char.IsHighSurrogate(c) && unit + 1 < piece.Length ? (4, 2) : (3, 1);
            if (at < unitStart + bytes || unit + units >= piece.Length)
            {
                return unit;
            }

            unitStart += bytes;
            unit += units;
        }
    }
}
