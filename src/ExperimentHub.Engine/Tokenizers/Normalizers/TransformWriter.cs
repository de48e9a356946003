using System.Text;

namespace ExperimentHub.Engine.Tokenizers.Normalizers;

/// <summary>
/// Writes a text that came from another character by character, as the library counts: each new character says whether it stands for
/// the next one of the source (0), is one more beside the one before (1), or stands for the next and the -n after it. Places follow from that.
/// </summary>
/// <param name="start">Where in the source the first character written comes from.</param>
internal ref struct TransformWriter(NormalizedText source, NormalizedText target, int start = 0)
{
    private Rune _last;
    private int _lastChange;
    private bool _hasLast;
    private bool _wrote;
    private int _at = start;

    internal void Add(Rune rune, int change)
    {
        Flush();
        (_last, _lastChange, _hasLast, _wrote) = (rune, change, true, true);
    }

    /// <summary>The last character written stands for <paramref name="count"/> more of the source; nothing if none was written yet.</summary>
    internal void AlsoTakes(int count)
    {
        if (_hasLast)
        {
            _lastChange -= count;
        }
        else if (_wrote)
        {
            Pass(count);   // after a character that was kept
        }
    }

    /// <summary>Characters of the basic plane stay. Their places are the next ones, which may lie behind where they stand.</summary>
    internal void Keep(int from, int count)
    {
        Flush();
        _wrote = true;
        if (_at == from)
        {
            target.AppendRange(source, from, from + count);
            _at += count;
            return;
        }

        for (var i = from; i < from + count; i++)
        {
            var at = Math.Min(_at, source.Length - 1);
            target.Append(source.Chars[i], source.Start(at), source.End(at));
            Pass(1);
        }
    }

    internal void Flush()
    {
        if (!_hasLast)
        {
            return;
        }

        _hasLast = false;
        var from = _lastChange > 0 ? Math.Max(0, _at - 1) : Math.Min(_at, source.Length - 1);
        target.Append(_last, source.Start(from), source.End(from));
        Pass(_lastChange > 0 ? 0 : 1 - _lastChange);
    }

    private void Pass(int count)
    {
        for (; count > 0 && _at < source.Length; count--)
        {
            UnicodeClasses.RuneAt(source.Chars, _at, out var length);
            _at += length;
        }
    }
}
