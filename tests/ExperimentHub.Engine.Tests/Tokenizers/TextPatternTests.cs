using ExperimentHub.Engine.Tokenizers.Patterns;

namespace ExperimentHub.Engine.Tests.Tokenizers;

public sealed class TextPatternTests
{
    public static TheoryData<string> WellKnown =>
        [Gpt2Scanner.Pattern, Cl100kScanner.ThreeDigits, Cl100kScanner.OneDigit, O200kScanner.Pattern, NumberScanner.Pattern, RangeScanner.Pattern, DeepSeekScanner.Pattern, DeepSeekScanner.EscapedPattern];

    [Theory]
    [MemberData(nameof(WellKnown))]
    public void Scanner_FindsWhatTheRegularExpressionFinds(string pattern)
    {
        var scanner = TextPatterns.WellKnown(pattern)!;
        var regex = new RegexPattern(pattern);
        var texts = new RandomText(20261126);
        for (var i = 0; i < 3000; i++)
        {
            var text = texts.Next();

            Assert.Equal(Matches(regex, text), Matches(scanner, text));
        }
    }

    [Theory]
    [InlineData(@"\p{Lu}+", "aBC𝒜d", "BC𝒜")]
    [InlineData(@"[^a]+", "a𠀀ba", "𠀀b")]
    [InlineData(@"(?i)straße|kelvin", "STRAßE \u212Aelvin", "STRAßE|\u212Aelvin")]
    [InlineData(@"[a-z&&[^aeiou]]+", "abcde", "bcd")]
    [InlineData(@"[[:alpha:]]+", "a1ठि-", "a|ठि")]
    [InlineData(@"\h+", "fog 9z", "f|9")]
    [InlineData(@"a++b|a", "aac", "a|a")]
    [InlineData(@"x{,2}y", "xxxy", "xxy")]
    [InlineData(@"(?<=a)b(?!c)", "abc ab", "b")]
    [InlineData(@"^\w", "ab\ncd", "a|c")]
    [InlineData(@"\w$", "ab\ncd", "b|d")]
    [InlineData(@"\p{^Han}|\P{L}", "中a", "a")]
    [InlineData(@"(?m:a.b)", "a\nb", "a\nb")]
    [InlineData(@"\x{4e2d}\u6587", "中文", "中文")]
    public void Find_ReadsTheLibrarysSyntax(string pattern, string text, string expected)
    {
        Assert.Equal(expected.Split('|'), Matches(new RegexPattern(pattern), text));
    }

    [Theory]
    [InlineData("(")]
    [InlineData("[a")]
    [InlineData("a)")]
    [InlineData("*a")]
    [InlineData(@"\p{Nonsense}")]
    [InlineData(@"\G")]
    [InlineData("(?P<name>a)")]
    [InlineData("[z-a]")]
    public void RegexPattern_RefusesWhatItDoesNotKnow(string pattern)
    {
        Assert.Throws<PatternSyntaxException>(() => new RegexPattern(pattern));
    }

    [Fact]
    public void Find_GivesUp_WhenThePatternBacktracksWithoutEnd()
    {
        var pattern = new RegexPattern("(?:(?:a|aa)+)+$");

        var fault = Assert.Throws<InputException>(() => pattern.Find(new string('a', 60) + "!", 0, out _, out _));

        Assert.Equal("tokenizer.pattern_slow", fault.Code);
    }

    private static List<string> Matches(TextPattern pattern, string text)
    {
        var found = new List<string>();
        var matches = new PatternMatches(pattern, text);
        while (matches.Next(out var start, out var end))
        {
            found.Add(text[start..end]);
        }

        return found;
    }
}
