namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>A text to be found as it is.</summary>
internal sealed class LiteralPattern(string literal) : TextPattern
{
    internal override bool Find(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        var at = text[from..].IndexOf(literal, StringComparison.Ordinal);
        (start, end) = (from + at, from + at + literal.Length);
        return at >= 0;
    }
}
