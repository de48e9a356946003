using System.Buffers;
using System.Text;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Finds added tokens in text: from left to right, the longest at each place, none overlapping.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<char, List<(string Pattern, AddedToken Token)>> _byFirst = [];
    private readonly SearchValues<char> _first;

    /// <param name="tokens">Each token with the text to look for (its content, normalised where it asks for that).</param>
    internal AddedTokenMatcher(IEnumerable<(string Pattern, AddedToken Token)> tokens)
    {
        foreach (var (pattern, token) in tokens.Where(t => t.Pattern.Length > 0))
        {
            if (!_byFirst.TryGetValue(pattern[0], out var list))
            {
                _byFirst[pattern[0]] = list = [];
            }

            list.RemoveAll(t => t.Pattern == pattern);   // of two with one pattern the later one counts
            list.Add((pattern, token));
        }

        foreach (var list in _byFirst.Values)
        {
            list.Sort((a, b) => b.Pattern.Length.CompareTo(a.Pattern.Length));
        }

        _first = SearchValues.Create([.. _byFirst.Keys]);
    }

    /// <summary>
    /// Cuts <paramref name="text"/> into pieces that are an added token, and pieces (with a null token) between them. What
    /// <paramref name="isLiteral"/> says of a range of the text (begin, end) is no token, though it reads like one.
    /// </summary>
    internal void Split(ReadOnlySpan<char> text, List<(Piece Piece, AddedToken? Token)> pieces, Func<int, int, bool>? isLiteral = null)
    {
        var done = 0;
        for (var at = 0; at < text.Length;)
        {
            var found = text[at..].IndexOfAny(_first);
            if (found < 0)
            {
                break;
            }

            at += found;
            if (Longest(text, at) is not var (pattern, token))
            {
                at++;
                continue;
            }

            var (start, end) = (at, at + pattern.Length);
            if (isLiteral is not null && isLiteral(start, end))
            {
                at++;
                continue;
            }

            at = end;
            if (token.SingleWord && (WordBefore(text, start) || WordAfter(text, end)))
            {
                continue;
            }

            while (token.LeftStrip && start > done && char.IsWhiteSpace(text[start - 1]))
            {
                start--;
            }

            while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            if (done < start)
            {
                pieces.Add((new(done, start), null));
            }

            pieces.Add((new(start, end), token));
            done = end;
            at = Math.Max(at, end);
        }

        if (done < text.Length)
        {
            pieces.Add((new(done, text.Length), null));
        }
    }

    private (string Pattern, AddedToken Token)? Longest(ReadOnlySpan<char> text, int at)
    {
        foreach (var candidate in _byFirst[text[at]])
        {
            if (text[at..].StartsWith(candidate.Pattern, StringComparison.Ordinal))
            {
                return candidate;
            }
        }

        return null;
    }

    private static bool WordBefore(ReadOnlySpan<char> text, int index) =>
        index > 0 && Rune.DecodeLastFromUtf16(text[..index], out var rune, out _) == OperationStatus.Done && UnicodeClasses.IsWord(rune);

    private static bool WordAfter(ReadOnlySpan<char> text, int index) =>
        index < text.Length && UnicodeClasses.IsWord(UnicodeClasses.RuneAt(text, index, out _));
}
