namespace ExperimentHub.Engine.Tokenizers;

/// <summary>
/// Takes the white space of tokens out of their places, as the post-processors ByteLevel and RobertaProcessing do. With
/// <paramref name="AddPrefixSpace"/> the one space at the start of a text stays: it was added, and is in no place.
/// </summary>
internal sealed record OffsetTrim(bool AddPrefixSpace)
{
    /// <summary>The place of a token after trimming, in the characters (code points) of <paramref name="source"/>.</summary>
    /// <param name="first">True for the first token of a window.</param>
    internal (int Start, int End) Apply(int start, int end, EdgeSpaces edges, bool first, string source)
    {
        var (leading, trailing) = (edges.Leading, edges.Trailing);
        if (leading > 0)
        {
            if ((first || start == 0) && AddPrefixSpace && leading == 1)
            {
                leading = 0;
            }

            start = Math.Min(Forward(source, start, leading), end);
        }

        if (trailing > 0 && Back(source, end, trailing) is var trimmed and >= 0)
        {
            end = Math.Max(trimmed, start);
        }

        return (start, end);
    }

    private static int Forward(string source, int index, int characters)
    {
        for (; characters > 0; characters--)
        {
            index += index + 1 < source.Length && char.IsSurrogatePair(source[index], source[index + 1]) ? 2 : 1;
        }

        return index;
    }

    /// <summary>-1 if there are not so many characters before.</summary>
    private static int Back(string source, int index, int characters)
    {
        for (; characters > 0 && index > 0; characters--)
        {
            index -= index >= 2 && index <= source.Length && char.IsSurrogatePair(source[index - 2], source[index - 1]) ? 2 : 1;
        }

        return characters > 0 ? -1 : index;
    }
}
