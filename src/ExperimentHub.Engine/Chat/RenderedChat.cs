namespace ExperimentHub.Engine.Chat;

/// <summary>A conversation as one text.</summary>
/// <param name="Text">What a tokenizer gets, without special tokens of its own.</param>
/// <param name="Spans">What the assistant said, in UTF-16 units of <paramref name="Text"/>; empty without <c>{% generation %}</c>.</param>
/// <param name="CodePointSpans">The same in code points, as Python counts.</param>
public sealed record RenderedChat(string Text, IReadOnlyList<GenerationSpan> Spans, IReadOnlyList<GenerationSpan> CodePointSpans)
{
    /// <summary>Puts spans that are counted in units and code points into both.</summary>
    internal static RenderedChat Of(string text, IReadOnlyList<(int Start, int CodePoints)> spans)
    {
        var (units, points) = (new List<GenerationSpan>(), new List<GenerationSpan>());
        var (unit, point) = (0, 0);
        foreach (var (start, length) in spans)
        {
            // Blocks follow one another, except where one stands in another: then the count begins anew.
            (unit, point) = start < unit ? (0, 0) : (unit, point);
            point += Jinja.Values.CodePointText.Count(text.AsSpan(unit, start - unit));
            unit = start;
            points.Add(new GenerationSpan(point, point + length));
            units.Add(new GenerationSpan(start, EndOf(text, start, length)));
        }

        return new RenderedChat(text, units, points);
    }

    private static int EndOf(string text, int start, int codePoints)
    {
        var at = start;
        for (var i = 0; i < codePoints && at < text.Length; i++)
        {
            at += Jinja.Values.CodePointText.UnitsAt(text, at);
        }

        return at;
    }
}
