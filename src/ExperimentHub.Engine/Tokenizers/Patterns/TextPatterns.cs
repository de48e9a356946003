namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>Chooses how a regular expression is matched: the well-known ones by hand.</summary>
internal static class TextPatterns
{
    /// <exception cref="PatternSyntaxException">The pattern is wrong or uses something that is not supported.</exception>
    internal static TextPattern Of(string regex) => WellKnown(regex) is { } scanner ? scanner : new RegexPattern(regex);

    internal static Scanner? WellKnown(string regex) => regex switch
    {
        Gpt2Scanner.Pattern => new Gpt2Scanner(),
        Cl100kScanner.ThreeDigits => new Cl100kScanner(3),
        Cl100kScanner.OneDigit => new Cl100kScanner(1),
        O200kScanner.Pattern => new O200kScanner(),
        NumberScanner.Pattern => new NumberScanner(),
        RangeScanner.Pattern => new RangeScanner(),
        DeepSeekScanner.Pattern or DeepSeekScanner.EscapedPattern => new DeepSeekScanner(),
        _ => null,
    };
}
