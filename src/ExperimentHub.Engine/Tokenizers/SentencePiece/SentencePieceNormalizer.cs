using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>
/// Writes a text as a SentencePiece model knows it, as google/sentencepiece does (normalizer.cc): at each place a user-defined symbol
/// stays, else the longest key of the character map is replaced, else a character stays; then come the rules for spaces. The tokenizers
/// library applies the same map otherwise (<see cref="Normalizers.PrecompiledNormalizer"/>).
/// </summary>
/// <param name="spaceAtEnd">The dummy space is put after the text, not before it.</param>
internal sealed class SentencePieceNormalizer(NormalizerSpec spec, bool spaceAtEnd, UserSymbols? symbols)
{
    /// <summary>What stands for a space inside pieces.</summary>
    internal const char Mark = '▁';

    private readonly char _space = spec.EscapeWhitespaces ? Mark : ' ';

    internal PlacedText Normalize(ReadOnlySpan<byte> utf8)
    {
        Span<char> units = stackalloc char[2];
        var at = spec.RemoveExtraWhitespaces ? SpacesBefore(utf8) : 0;
        if (at == utf8.Length)
        {
            return new("", [0]);   // no dummy space either
        }

        var chars = new List<char>(utf8.Length + 1);
        var places = new List<int>(utf8.Length + 2);
        if (spec.AddDummyPrefix && !spaceAtEnd)
        {
            chars.Add(_space);
            places.Add(at);
        }

        var longest = NormalizedText.LongestFrom(utf8.Length);
        var afterSpace = spec.RemoveExtraWhitespaces;
        while (at < utf8.Length)
        {
            var text = Next(utf8[at..], units, out var length);
            text = afterSpace ? text.TrimStart(' ') : text;
            if (chars.Count + text.Length > longest)
            {
                throw NormalizedText.TooLong();
            }

            foreach (var c in text)
            {
                chars.Add(c == ' ' ? _space : c);
                places.Add(at);
            }

            if (!text.IsEmpty)
            {
                afterSpace = spec.RemoveExtraWhitespaces && text[^1] == ' ';
            }

            at += length;
        }

        // A mark that stood in the text itself goes too, and so does the dummy space of a text that came to nothing.
        while (spec.RemoveExtraWhitespaces && chars.Count > 0 && chars[^1] == _space)
        {
            at = places[^1];
            chars.RemoveAt(chars.Count - 1);
            places.RemoveAt(places.Count - 1);
        }

        if (spec.AddDummyPrefix && spaceAtEnd)
        {
            chars.Add(_space);
            places.Add(at);
        }

        places.Add(at);
        return new(new string(CollectionsMarshal.AsSpan(chars)), [.. places]);
    }

    /// <summary>Bytes at the start that come to spaces.</summary>
    private int SpacesBefore(ReadOnlySpan<byte> utf8)
    {
        Span<char> units = stackalloc char[2];
        var at = 0;
        while (at < utf8.Length && Next(utf8[at..], units, out var length) is " ")
        {
            at += length;
        }

        return at;
    }

    /// <summary>What the first bytes become; each byte that is not UTF-8 becomes U+FFFD by itself.</summary>
    /// <param name="units">Room for a character; what is returned may lie there.</param>
    private ReadOnlySpan<char> Next(ReadOnlySpan<byte> utf8, Span<char> units, out int length)
    {
        if (symbols?.Longest(utf8, out length) is { } symbol)
        {
            return symbol;
        }

        if (spec.CharacterMap?.Longest(utf8, out length) is { } mapped)
        {
            return mapped;
        }

        var valid = Rune.DecodeFromUtf8(utf8, out var rune, out length) == OperationStatus.Done;
        length = valid ? length : 1;
        return units[..rune.EncodeToUtf16(units)];
    }
}
