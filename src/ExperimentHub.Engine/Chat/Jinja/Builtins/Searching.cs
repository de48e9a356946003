using ExperimentHub.Engine.Chat.Jinja.Values;

namespace ExperimentHub.Engine.Chat.Jinja.Builtins;

/// <summary>Looking for a text in a part of another; offsets are code points.</summary>
internal static class Searching
{
    public static int Find(Run run, StrValue text, Arguments arguments, string name, bool fromEnd)
    {
        var places = arguments.Places(name, 1, 3);
        var sought = StringMethods.TextOf(places[0]!, name);
        if (Part(text, places[1], places[2]) is not { } part)
        {
            return -1;
        }

        run.Budget.Search(text.Text.Length, sought.Length);
        var span = text.Text.AsSpan(part.Start, part.End - part.Start);
        var place = fromEnd ? sought.Length == 0 ? span.Length : span.LastIndexOf(sought) : span.IndexOf(sought);
        return place < 0 ? -1 : CodePointText.Count(text.Text.AsSpan(0, part.Start + place));
    }

    public static int Count(Run run, StrValue text, Arguments arguments)
    {
        var places = arguments.Places("count", 1, 3);
        var sought = StringMethods.TextOf(places[0]!, "count");
        if (Part(text, places[1], places[2]) is not { } part)
        {
            return 0;
        }

        run.Budget.Search(text.Text.Length, sought.Length);
        var span = text.Text.AsSpan(part.Start, part.End - part.Start);
        return sought.Length == 0 ? CodePointText.Count(span) + 1 : span.Count(sought);
    }

    /// <summary><c>startswith</c> and <c>endswith</c>; the argument may be a tuple of texts.</summary>
    public static bool Touches(Run run, StrValue text, Arguments arguments, bool atStart)
    {
        var name = atStart ? "startswith" : "endswith";
        var places = arguments.Places(name, 1, 3);
        if (places[0] is not (StrValue or TupleValue))
        {
            throw TemplateFault.Runtime($"{name} first arg must be str or a tuple of str, not {places[0]!.TypeName}");
        }

        var part = Part(text, places[1], places[2]);
        foreach (var candidate in places[0] is TupleValue tuple ? tuple.Values : [places[0]!])
        {
            if (candidate is not StrValue sought)
            {
                throw TemplateFault.Runtime($"tuple for {name} must only contain str, not {candidate.TypeName}");
            }

            run.Budget.Scan(sought.Text.Length);
            if (part is { } found)
            {
                var span = text.Text.AsSpan(found.Start, found.End - found.Start);
                if (atStart ? span.StartsWith(sought.Text, StringComparison.Ordinal) : span.EndsWith(sought.Text, StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The part between two code points, in units; null where it begins behind its end.</summary>
    private static (int Start, int End)? Part(StrValue text, Value? start, Value? end)
    {
        if (start is null or NoneValue && end is null or NoneValue)
        {
            return (0, text.Text.Length);
        }

        var length = text.CodePoints;
        var from = start is null or NoneValue ? 0 : Numbers.Clamped(start);
        var to = end is null or NoneValue ? length : Numbers.Clamped(end);
        from = from < 0 ? Math.Max(0, from + length) : from;
        to = Math.Min(length, to < 0 ? Math.Max(0, to + length) : to);
        return from > to ? null : (CodePointText.Unit(text, from), CodePointText.Unit(text, to));
    }
}
