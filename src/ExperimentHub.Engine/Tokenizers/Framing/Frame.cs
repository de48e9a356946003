using ExperimentHub.Engine.Tokenizers.PostProcessors;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>Cuts the tokens of one text (or two) to length and puts the template's special tokens around them.</summary>
internal sealed class Frame(TemplatePair templates, IReadOnlyList<OffsetTrim> trims)
{
    internal bool Trims { get; } = trims.Count > 0;

    internal Template Template(TokenBuffer? second, bool addSpecialTokens)
    {
        var template = second is null ? templates.Single : templates.Pair;
        return addSpecialTokens ? template : template.WithoutSpecialTokens;
    }

    internal TokenEncoding Build(TokenBuffer first, TokenBuffer? second, EncodeOptions options)
    {
        var template = Template(second, options.AddSpecialTokens);
        var (firstWindows, secondWindows) = Cut(first.Count, second?.Count, template, options);
        var truncated = firstWindows.Count > 1 || secondWindows.Count > 1;
        var overflow = options.ReturnOverflow && truncated ? Overflow(template, first, second, firstWindows, secondWindows) : [];
        return Assemble(template, first, second, firstWindows[0], secondWindows[0], truncated, overflow);
    }

    /// <summary>How many tokens of each text stay.</summary>
    internal static (int First, int Second) Lengths(int first, int? second, Template template, EncodeOptions options)
    {
        if (options.MaxLength - template.SpecialTokens is not (>= 0 and var longest))
        {
            return (first, second ?? 0);
        }

        return second is null && options.Truncation == TruncationStrategy.LongestFirst
            ? (Math.Min(first, longest), 0)
            : Window.Share(first, second ?? 0, longest, options.Truncation);
    }

    private static (List<Window> First, List<Window> Second) Cut(int first, int? second, Template template, EncodeOptions options)
    {
        if (options.Stride > 0 && options.MaxLength - template.SpecialTokens is >= 0 and var longest && options.Stride >= longest)
        {
            throw Window.NoProgress(options.Stride, longest);
        }

        var (firstLength, secondLength) = Lengths(first, second, template, options);
        return (
            Window.Over(first, firstLength, options.Stride, options.TruncateLeft),
            Window.Over(second ?? 0, secondLength, options.Stride, options.TruncateLeft));
    }

    private List<TokenEncoding> Overflow(Template template, TokenBuffer first, TokenBuffer? second, List<Window> firstWindows, List<Window> secondWindows)
    {
        // Every further window of the text that the template names first, with each of the other; then the other's own.
        var swapped = template.Parts.First(p => p.Sequence >= 0).Sequence == 1;
        var (outer, inner) = swapped ? (secondWindows, firstWindows) : (firstWindows, secondWindows);
        var overflow = new List<TokenEncoding>();
        for (var o = 0; o < outer.Count; o++)
        {
            for (var i = 0; i < inner.Count; i++)
            {
                if (o + i > 0)
                {
                    var (a, b) = swapped ? (inner[i], outer[o]) : (outer[o], inner[i]);
                    overflow.Add(Assemble(template, first, second, a, b, truncated: true, []));
                }
            }
        }

        // The library lists windows of the second text beside the uncut first one last.
        return outer.Count > 1 && inner.Count > 1 ? [.. overflow.Skip(inner.Count - 1), .. overflow.Take(inner.Count - 1)] : overflow;
    }

    private TokenEncoding Assemble(
        Template template, TokenBuffer first, TokenBuffer? second, Window firstWindow, Window secondWindow, bool truncated, List<TokenEncoding> overflow)
    {
        var length = template.SpecialTokens + firstWindow.Length + secondWindow.Length;
        var encoding = new TokenEncoding
        {
            Ids = new int[length],
            TypeIds = new int[length],
            AttentionMask = new int[length],
            Starts = new int[length],
            Ends = new int[length],
            WordIds = new int[length],
            SequenceIds = new int[length],
            Truncated = truncated,
            Overflow = overflow,
        };
        encoding.AttentionMask.AsSpan().Fill(1);
        var at = 0;
        foreach (var part in template.Parts)
        {
            if (part.Sequence < 0)
            {
                foreach (var id in part.Ids)
                {
                    encoding.Ids[at] = id;
                    encoding.TypeIds[at] = part.TypeId;
                    encoding.WordIds[at] = -1;
                    encoding.SequenceIds[at++] = -1;
                }

                continue;
            }

            var (source, window) = part.Sequence == 0 ? (first, firstWindow) : (second!, secondWindow);
            var count = window.Length;
            source.Ids.AsSpan(window.Start, count).CopyTo(encoding.Ids.AsSpan(at));
            source.Words.AsSpan(window.Start, count).CopyTo(encoding.WordIds.AsSpan(at));
            encoding.TypeIds.AsSpan(at, count).Fill(window.IsFurther ? part.FurtherTypeId : part.TypeId);
            encoding.SequenceIds.AsSpan(at, count).Fill(part.Sequence);
            Place(source, window, encoding, at);
            at += count;
        }

        return encoding;
    }

    private void Place(TokenBuffer source, Window window, TokenEncoding encoding, int at)
    {
        source.Starts.AsSpan(window.Start, window.Length).CopyTo(encoding.Starts.AsSpan(at));
        source.Ends.AsSpan(window.Start, window.Length).CopyTo(encoding.Ends.AsSpan(at));
        foreach (var trim in trims)
        {
            for (var i = 0; i < window.Length; i++)
            {
                var token = window.Start + i;
                if (source.Edges[token] is { Leading: > 0 } or { Trailing: > 0 })
                {
                    var text = source.Sources[source.Sources.Count > 1 ? source.Words[token] : 0];
                    (encoding.Starts[at + i], encoding.Ends[at + i]) =
                        trim.Apply(encoding.Starts[at + i], encoding.Ends[at + i], source.Edges[token], first: i == 0, text);
                }
            }
        }
    }
}
