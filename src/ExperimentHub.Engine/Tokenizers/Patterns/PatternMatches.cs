namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>The matches of a pattern one after another; an empty one right after another match does not count.</summary>
internal ref struct PatternMatches(TextPattern pattern, ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _from;
    private int _lastEnd = -1;

    internal bool Next(out int start, out int end)
    {
        while (_from <= _text.Length && pattern.Find(_text, _from, out start, out end))
        {
            if (start == end && end == _lastEnd)
            {
                _from += _from + 1 < _text.Length && char.IsSurrogatePair(_text[_from], _text[_from + 1]) ? 2 : 1;
                continue;
            }

            (_from, _lastEnd) = (end, end);
            return true;
        }

        (start, end) = (_text.Length, _text.Length);
        return false;
    }
}
