using System.Text.RegularExpressions;

namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>Any regular expression of the library, by way of .NET's.</summary>
internal sealed class RegexPattern : TextPattern
{
    /// <summary>A pattern that takes longer for one match backtracks without end.</summary>
    private static readonly TimeSpan s_longestMatch = TimeSpan.FromSeconds(1);

    private readonly string _pattern;
    private readonly Regex _regex;

    /// <exception cref="PatternSyntaxException">The pattern is wrong or uses something that is not supported.</exception>
    internal RegexPattern(string pattern)
    {
        _pattern = pattern;
        try
        {
            _regex = new Regex(PatternTranslator.Translate(pattern), RegexOptions.CultureInvariant, s_longestMatch);
        }
        catch (ArgumentException e)
        {
            // What the translator let pass and .NET does not, such as a reference to a group that is not there.
            throw new PatternSyntaxException(InputException.Quote(e.GetType().Name == nameof(RegexParseException) ? ((RegexParseException)e).Error.ToString() : "it is wrong"));
        }
    }

    internal override bool Find(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        try
        {
            foreach (var match in _regex.EnumerateMatches(text, from))
            {
                (start, end) = (match.Index, match.Index + match.Length);
                var inPair = start > 0 && start < text.Length && char.IsSurrogatePair(text[start - 1], text[start]);
                if (!inPair)
                {
                    return true;   // an empty match between the halves of one character is none
                }
            }
        }
        catch (RegexMatchTimeoutException)
        {
            throw new InputException(
                $"The pattern '{InputException.Quote(_pattern)}' of tokenizer.json takes too long on this text; take the original file.", "tokenizer.pattern_slow", InputException.Quote(_pattern));
        }

        (start, end) = (text.Length, text.Length);
        return false;
    }
}
