using System.Text;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>
/// Text on its way through the normalisers: each UTF-16 unit with the range of the original text it came from, so that a token can
/// always be shown in what the person typed.
/// </summary>
internal sealed class NormalizedText
{
    private char[] _chars = new char[256];
    private int[] _starts = new int[256];
    private int[] _ends = new int[256];

    internal int Length { get; private set; }

    internal ReadOnlySpan<char> Chars => _chars.AsSpan(0, Length);

    /// <summary>Capacity in characters; a workspace that grew for one huge text is not kept.</summary>
    internal int Capacity => _chars.Length;

    /// <summary>Where the character at <paramref name="index"/> began in the original.</summary>
    internal int Start(int index) => _starts[index];

    internal int End(int index) => _ends[index];

    internal void Clear() => Length = 0;

    /// <summary>Takes over a piece of the original that begins at <paramref name="offset"/>.</summary>
    internal void Set(ReadOnlySpan<char> original, int offset)
    {
        Length = 0;
        for (var i = 0; i < original.Length;)
        {
            if (original[i] < 0x80)
            {
                Append(original[i], offset + i, offset + i + 1);
                i++;
                continue;
            }

            var rune = UnicodeClasses.RuneAt(original, i, out var length);
            Append(rune, offset + i, offset + i + length);
            i += length;
        }
    }

    internal void Append(char c, int start, int end)
    {
        if (Length == _chars.Length)
        {
            Array.Resize(ref _chars, Length * 2);
            Array.Resize(ref _starts, Length * 2);
            Array.Resize(ref _ends, Length * 2);
        }

        _chars[Length] = c;
        _starts[Length] = start;
        _ends[Length++] = end;
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
}
