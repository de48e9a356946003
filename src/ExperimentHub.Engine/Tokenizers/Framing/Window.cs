namespace ExperimentHub.Engine.Tokenizers;

/// <summary>A stretch of a text's tokens that fits.</summary>
internal readonly record struct Window(int Start, int End)
{
    internal int Length => End - Start;

    /// <summary>Not the first window of its text.</summary>
    internal bool IsFurther { get; init; }

    /// <summary>
    /// Windows of at most <paramref name="longest"/> tokens over <paramref name="count"/>, each sharing <paramref name="stride"/> with the
    /// one before; from the right end with <paramref name="left"/> (which cuts the beginning). The first one is the text as cut.
    /// </summary>
    internal static List<Window> Over(int count, int longest, int stride, bool left)
    {
        if (longest >= count)
        {
            return [new(0, count)];
        }

        if (longest <= 0)
        {
            return [new(0, 0), new(0, count) { IsFurther = true }];
        }

        if (stride >= longest)
        {
            throw NoProgress(stride, longest);
        }

        var windows = new List<Window>();
        var step = longest - stride;
        if (left)
        {
            for (var end = count; ; end -= step)
            {
                windows.Add(new(Math.Max(0, end - longest), end) { IsFurther = end < count });
                if (end <= longest)
                {
                    return windows;
                }
            }
        }

        for (var start = 0; ; start += step)
        {
            windows.Add(new(start, Math.Min(start + longest, count)) { IsFurther = start > 0 });
            if (start + longest >= count)
            {
                return windows;
            }
        }
    }

    internal static InputException NoProgress(int stride, int longest) =>
        new($"A stride of {stride} tokens leaves no progress in windows of {longest}; make it smaller.", "tokenizer.stride", stride, longest);

    /// <summary>How long each text may stay so that both together have at most <paramref name="longest"/> tokens.</summary>
    internal static (int First, int Second) Share(int first, int second, int longest, TruncationStrategy strategy)
    {
        var excess = first + second - longest;
        if (excess <= 0)
        {
            return (first, second);
        }

        if (strategy != TruncationStrategy.LongestFirst)
        {
            var (cut, name) = strategy == TruncationStrategy.OnlyFirst ? (first, "first") : (second, "second");
            if (cut <= excess)
            {
                throw new InputException(
                    $"{excess} tokens are too many, but the {name} text has only {cut}; allow more tokens or cut the other text.",
                    "tokenizer.too_short",
                    excess,
                    cut);
            }

            return strategy == TruncationStrategy.OnlyFirst ? (first - excess, second) : (first, second - excess);
        }

        var shorter = Math.Min(first, second);
        var longer = shorter > longest ? shorter : Math.Max(shorter, longest - shorter);
        if (shorter + longer > longest)
        {
            shorter = longest / 2;
            longer = shorter + (longest % 2);
        }

        return first <= second ? (shorter, longer) : (longer, shorter);
    }
}
