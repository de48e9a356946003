using System.Text;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>
/// Text on its way through normalisers and pre-tokenisers: each UTF-16 unit with the range of the original text it came from, so that
/// a token can always be shown in what the person typed. Where only ids are wanted the places are left out.
/// </summary>
internal sealed class NormalizedText
{
    /// <summary>How much longer than its original a text may become; nothing a real tokenizer does comes near it.</summary>
    private const int MostGrowth = 64;

    private const int AlwaysAllowed = 1 << 16;

    private char[] _chars = new char[256];
    private int[] _starts = [];
    private int[] _ends = [];
    private int _limit = int.MaxValue;

    internal int Length { get; private set; }

    /// <summary>False: places are not kept, and <see cref="Start"/> and <see cref="End"/> mean nothing.</summary>
    internal bool Tracks { get; private set; }

    internal ReadOnlySpan<char> Chars => _chars.AsSpan(0, Length);

    /// <summary>Capacity in characters; a workspace that grew for one huge text is not kept.</summary>
    internal int Capacity => _chars.Length;

    /// <summary>Where the character at <paramref name="index"/> began in the original.</summary>
    internal int Start(int index) => Tracks ? _starts[index] : 0;

    internal int End(int index) => Tracks ? _ends[index] : 0;

    /// <summary>The longest text that one of <paramref name="length"/> characters may become.</summary>
    internal static int LongestFrom(int length) => (int)Math.Min(int.MaxValue, (MostGrowth * (long)length) + AlwaysAllowed);

    internal static InputException TooLong() => new(
        $"The normalizer of tokenizer.json (or of the SentencePiece model) makes a text more than {MostGrowth} times as long as it was; take the original file.", "tokenizer.growth", MostGrowth);

    /// <summary>Empties this text to be written from <paramref name="source"/>.</summary>
    internal void ClearFor(NormalizedText source)
    {
        Length = 0;
        _limit = source._limit;
        Track(source.Tracks);
    }

    /// <summary>Takes over a piece of the original that begins at <paramref name="offset"/>; half a surrogate pair becomes U+FFFD.</summary>
    internal void Set(ReadOnlySpan<char> original, int offset, bool tracks = true)
    {
        Length = 0;
        _limit = LongestFrom(original.Length);
        Track(tracks);
        Reserve(original.Length);
        if (original.ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            for (var i = 0; i < original.Length;)
            {
                var rune = UnicodeClasses.RuneAt(original, i, out var length);
                Append(rune, offset + i, offset + i + length);
                i += length;
            }

            return;
        }

        original.CopyTo(_chars);
        Length = original.Length;
        if (Tracks)
        {
            for (var i = 0; i < Length; i++)
            {
                _starts[i] = offset + i;
                _ends[i] = offset + i + 1;
            }
        }
    }

    internal void Append(char c, int start, int end)
    {
        if (Length == _chars.Length)
        {
            Reserve(1);
        }

        _chars[Length] = c;
        if (Tracks)
        {
            _starts[Length] = start;
            _ends[Length] = end;
        }

        Length++;
    }

    internal void Append(Rune rune, int start, int end)
    {
        if (rune.IsBmp)
        {
            Append((char)rune.Value, start, end);
            return;
        }

        Span<char> pair = stackalloc char[2];
        rune.EncodeToUtf16(pair);
        Append(pair[0], start, end);
        Append(pair[1], start, end);
    }

    /// <summary>All of <paramref name="text"/>, from one place.</summary>
    internal void Append(ReadOnlySpan<char> text, int start, int end)
    {
        foreach (var c in text)
        {
            Append(c, start, end);
        }
    }

    /// <summary>A stretch of another text with its places.</summary>
    internal void AppendRange(NormalizedText source, int start, int end)
    {
        var count = end - start;
        Reserve(count);
        source._chars.AsSpan(start, count).CopyTo(_chars.AsSpan(Length));
        if (Tracks)
        {
            source._starts.AsSpan(start, count).CopyTo(_starts.AsSpan(Length));
            source._ends.AsSpan(start, count).CopyTo(_ends.AsSpan(Length));
        }

        Length += count;
    }

    /// <summary>A stretch of ASCII of another text with its places, in lower case if asked for.</summary>
    internal void AppendAscii(NormalizedText source, int start, int end, bool lowercase)
    {
        var from = Length;
        AppendRange(source, start, end);
        if (lowercase)
        {
            Ascii.ToLowerInPlace(_chars.AsSpan(from, end - start), out _);
        }
    }

    private void Track(bool tracks)
    {
        Tracks = tracks;
        if (tracks && _starts.Length < _chars.Length)
        {
            _starts = new int[_chars.Length];
            _ends = new int[_chars.Length];
        }
    }

    private void Reserve(int more)
    {
        var wanted = (long)Length + more;
        if (wanted <= _chars.Length)
        {
            return;
        }

        if (wanted > _limit)
        {
            throw TooLong();
        }

        var capacity = (int)Math.Min(Math.Max(wanted, 2L * _chars.Length), Math.Max(_limit, wanted));
        Array.Resize(ref _chars, capacity);
        if (Tracks)
        {
            Array.Resize(ref _starts, capacity);
            Array.Resize(ref _ends, capacity);
        }
    }
}
