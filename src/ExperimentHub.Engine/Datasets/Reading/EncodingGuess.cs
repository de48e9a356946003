using System.Text;

namespace ExperimentHub.Engine.Datasets.Reading;

/// <summary>Finds the encoding of a file from its first bytes: a mark, the pattern of zero bytes, or which encoding all lines fit.</summary>
internal static class EncodingGuess
{
    internal const string Utf8 = "utf-8";
    internal const string Utf16Le = "utf-16le";
    internal const string Utf16Be = "utf-16be";
    internal const string Gb18030 = "gb18030";

    internal static Guess Of(ReadOnlySpan<byte> sample)
    {
        if (sample.StartsWith("\uFEFF"u8))
        {
            return new(Utf8, "encoding_mark", "The file begins with the mark of UTF-8.", ["UTF-8"]);
        }

        if (sample.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
        {
            return new(Utf16Le, "encoding_mark", "The file begins with the mark of UTF-16 (little endian).", ["UTF-16 LE"]);
        }

        if (sample.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            return new(Utf16Be, "encoding_mark", "The file begins with the mark of UTF-16 (big endian).", ["UTF-16 BE"]);
        }

        return ByZeros(sample) ?? ByLines(sample);
    }

    /// <summary>The encoder's own object; <paramref name="name"/> must be one of the constants.</summary>
    internal static Encoding Encoding(string name) => name switch
    {
        Utf16Le => System.Text.Encoding.Unicode,
        Utf16Be => System.Text.Encoding.BigEndianUnicode,
        Gb18030 => CodePagesEncodingProvider.Instance.GetEncoding(Gb18030)!,
        Utf8 => System.Text.Encoding.UTF8,
        _ => throw new InputException($"The encoding '{InputException.Quote(name)}' is not known; use utf-8, utf-16le, utf-16be or gb18030.", "dataset.encoding", InputException.Quote(name)),
    };

    /// <summary>Bytes of the encoding <paramref name="name"/> as UTF-8.</summary>
    internal static ReadOnlyMemory<byte> ToUtf8(string name, ReadOnlyMemory<byte> bytes)
    {
        if (name == Utf8)
        {
            return bytes;
        }

        using var converted = System.Text.Encoding.CreateTranscodingStream(new MemoryStream(bytes.ToArray()), Encoding(name), System.Text.Encoding.UTF8);
        var utf8 = new MemoryStream(bytes.Length);
        converted.CopyTo(utf8);
        return utf8.GetBuffer().AsMemory(0, (int)utf8.Length);
    }

    private static Guess? ByZeros(ReadOnlySpan<byte> sample)
    {
        var (even, odd) = (0, 0);
        var length = Math.Min(sample.Length, 1 << 16) & ~1;
        for (var i = 0; i < length; i += 2)
        {
            even += sample[i] == 0 ? 1 : 0;
            odd += sample[i + 1] == 0 ? 1 : 0;
        }

        // Delimiters, digits and line ends have one zero byte each, always on the same side.
        var enough = length / 40;
        return length < 4 || Math.Max(even, odd) <= enough || Math.Min(even, odd) > enough / 4 ? null
            : odd > even ? new(Utf16Le, "encoding_zeros", "Every other byte of plain characters is zero, as in UTF-16 (little endian).", ["UTF-16 LE"])
            : new(Utf16Be, "encoding_zeros", "Every other byte of plain characters is zero, as in UTF-16 (big endian).", ["UTF-16 BE"]);
    }

    private static Guess ByLines(ReadOnlySpan<byte> sample)
    {
        var (utf8, notUtf8, gb18030) = (0, 0, 0);
        while (!sample.IsEmpty)
        {
            var end = sample.IndexOf((byte)'\n');
            var line = end < 0 ? sample : sample[..end];
            if (!Ascii.IsValid(line) && (end >= 0 || utf8 + notUtf8 == 0))
            {
                if (System.Text.Unicode.Utf8.IsValid(line))
                {
                    utf8++;
                }
                else
                {
                    notUtf8++;
                    gb18030 += LooksLikeGb18030(line) ? 1 : 0;
                }
            }

            sample = end < 0 ? [] : sample[(end + 1)..];
        }

        if (notUtf8 == 0)
        {
            return utf8 == 0
                ? new(Utf8, "encoding_ascii", "Only plain ASCII characters, which are UTF-8.", [])
                : new(Utf8, "encoding_lines", $"All {utf8} lines with other than ASCII characters are UTF-8.", [utf8, "UTF-8"]);
        }

        if (gb18030 == notUtf8 && notUtf8 > utf8)
        {
            return new(Gb18030, "encoding_lines", $"All {notUtf8} lines with other than ASCII characters are GB18030; as UTF-8 they are damaged.", [notUtf8, "GB18030"]);
        }

        return new(Utf8, "encoding_most", $"{utf8} lines are UTF-8, {notUtf8} are not and are kept aside.", [utf8, notUtf8]);
    }

    /// <summary>True for valid GB18030 that is mostly common characters; accented Latin-1 letters before plain ones are valid too, but rare ones.</summary>
    private static bool LooksLikeGb18030(ReadOnlySpan<byte> line)
    {
        var (common, rare) = (0, 0);
        for (var i = 0; i < line.Length;)
        {
            if (line[i] < 0x80)
            {
                i++;
            }
            else if (i + 1 < line.Length && line[i] is not (0x80 or 0xFF) && line[i + 1] is (>= 0x40 and <= 0x7E) or (>= 0x80 and <= 0xFE))
            {
                common += line[i] >= 0xA1 && line[i + 1] >= 0xA1 ? 1 : 0;
                rare += line[i] >= 0xA1 && line[i + 1] >= 0xA1 ? 0 : 1;
                i += 2;
            }
            else if (i + 3 < line.Length && line[i] is not (0x80 or 0xFF) && line[i + 1] is >= 0x30 and <= 0x39 && line[i + 2] is >= 0x81 and <= 0xFE && line[i + 3] is >= 0x30 and <= 0x39)
            {
                i += 4;
            }
            else
            {
                return false;
            }
        }

        return common >= rare;
    }
}
