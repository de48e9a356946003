namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary><c>[一-龥぀-ゟ゠-ヿ]+</c>: runs of Chinese and Japanese characters, the second of DeepSeek-V3's patterns.</summary>
internal sealed class RangeScanner : Scanner
{
    internal const string Pattern = "[一-龥぀-ゟ゠-ヿ]+";

    protected override int Match(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && text[at] is (>= '一' and <= '龥') or (>= '\u3040' and <= '\u30FF'))
        {
            at++;
        }

        return at;
    }
}
