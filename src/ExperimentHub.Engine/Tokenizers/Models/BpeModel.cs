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

    /// <summary>
    /// Pieces are cut before and after characters from here on: SentencePiece's mark of a space (the first of them), Chinese, Japanese and
    /// Korean. Words of other scripts are short and met again as they are.
    /// </summary>
    private const char FirstCut = '▁';

    [ThreadStatic]
    private static BpeWord? s_word;

    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;
    private readonly MergeRanks _merges;
    private readonly BpeOptions _options;
    private readonly int _unknownId = Absent;
    private readonly int[] _byteIds;
    private readonly int[] _fallbackIds;

    /// <summary>Every character that is not a token is written in bytes that are.</summary>
    private readonly bool _fallsBack;

    private readonly Lazy<TokenJoints?> _joints;

    /// <param name="ids">The model's own vocabulary, without added tokens.</param>
    internal BpeModel(Dictionary<string, int> ids, MergeRanks merges, BpeOptions options)
    {
        (_ids, _merges, _options) = (ids, merges, options);
        _idsBySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        if (options.UnknownToken is { } unknown)
        {
            _unknownId = ids.GetValueOrDefault(unknown, Absent);
        }

        _byteIds = [.. Enumerable.Range(0, 256).Select(b => ids.GetValueOrDefault(ByteAlphabet.Character((byte)b).ToString(), Absent))];
        _fallbackIds = [.. Enumerable.Range(0, 256).Select(b => ids.GetValueOrDefault(string.Create(CultureInfo.InvariantCulture, $"<0x{b:X2}>"), Absent))];
        _fallsBack = options.ByteFallback && !_fallbackIds.Contains(Absent);
        _joints = new(FindJoints);
    }

    internal override string Kind => "bpe";

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

        TokenizePart(piece, tokens);
    }

    internal override bool MayCut(ReadOnlySpan<char> text) => text.ContainsAnyInRange(FirstCut, '\uFFFF') && _joints.Value is not null;

    internal override int FirstPart(ReadOnlySpan<char> piece)
    {
        var joints = _joints.Value!;
        for (var at = 1; at < piece.Length; at++)
        {
            // A mark stays with the ordinary letters after it: with it they are met again.
            if (piece[at - 1] <= FirstCut)
            {
                var next = piece[at..].IndexOfAnyInRange(FirstCut, '\uFFFF');
                if (next < 0)
                {
                    break;
                }

                at += next;
            }

            if (!joints.MayJoin(piece[at - 1], piece[at]) && !AreFused(piece[at - 1], piece[at]))
            {
                return at;
            }
        }

        return piece.Length;
    }

    /// <summary>Without a look at whether the part is a token as it stands: that is for whole pieces.</summary>
    internal override void TokenizePart(ReadOnlySpan<char> part, PieceTokens tokens)
    {
        var word = s_word ?? new BpeWord();
        s_word = null;
        word.Clear();
        if (TakesBytes)
        {
            AddBytes(part, word);
        }
        else
        {
            AddCharacters(part, word);
        }

        word.Merge(_merges);
        Place(part, word, tokens);
        s_word = word.IsSmall ? word : null;
    }

    /// <summary>Null if a piece must be looked at as a whole: symbols differ by place, or characters that are left out move the places of others.</summary>
    private TokenJoints? FindJoints()
    {
        var joinsFallback = !TakesBytes && _options.ByteFallback && _merges.All.Any(m => _fallbackIds.Contains(m.Left) || _fallbackIds.Contains(m.Right));
        if (_options is not { Prefix: "", Suffix: "" } || joinsFallback || !(TakesBytes || _fallsBack || _options.UnknownToken is not null))
        {
            return null;
        }

        var joints = new TokenJoints();
        foreach (var token in _ids.Keys)
        {
            joints.Add(TakesBytes ? ByteAlphabet.Read(token) : Encoding.UTF8.GetBytes(token));
        }

        return joints;
    }

    /// <summary>Two unknown characters that become one token.</summary>
    private bool AreFused(char left, char right) =>
        _options.FuseUnknown && !TakesBytes && !_fallsBack && Find([left]) == Absent && Find([right]) == Absent;

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
