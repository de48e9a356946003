namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary><c>\p{N}{1,3}</c>: the first of DeepSeek-V3's patterns.</summary>
internal sealed class NumberScanner : Scanner
{
    internal const string Pattern = @"\p{N}{1,3}";

    protected override int Match(ReadOnlySpan<char> text, int at) => Digits(text, at, 3);
}
