namespace ExperimentHub.Engine.Tokenizers.Patterns;

/// <summary>A set of Unicode code points (never surrogates) as sorted ranges that neither touch nor overlap.</summary>
internal sealed class CodePointSet
{
    private const int Last = 0x10FFFF;

    private readonly (int First, int Last)[] _ranges;

    private CodePointSet(IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach (var range in ranges.OrderBy(r => r.First))
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        _ranges = [.. merged];
    }

    internal static CodePointSet All { get; } = new([(0, 0xD7FF), (0xE000, Last)]);

    internal static CodePointSet Empty { get; } = new([]);

    internal IReadOnlyList<(int First, int Last)> Ranges => _ranges;

    internal static CodePointSet Of(params IEnumerable<(int First, int Last)> ranges) => new CodePointSet(ranges).Intersect(All);

    internal static CodePointSet Of(int codePoint) => new([(codePoint, codePoint)]);

    internal static CodePointSet Where(Func<int, bool> contains)
    {
        var ranges = new List<(int, int)>();
        for (var i = 0; i <= Last; i++)
        {
            if (contains(i))
            {
                var first = i;
                while (i < Last && contains(i + 1))
                {
                    i++;
                }

                ranges.Add((first, i));
            }
        }

        return Of(ranges);
    }

    internal bool Contains(int codePoint)
    {
        var (low, high) = (0, _ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (codePoint < _ranges[middle].First)
            {
                high = middle - 1;
            }
            else if (codePoint > _ranges[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    internal CodePointSet Union(CodePointSet other) => new(_ranges.Concat(other._ranges));

    internal CodePointSet Intersect(CodePointSet other)
    {
        var ranges = new List<(int, int)>();
        var (i, j) = (0, 0);
        while (i < _ranges.Length && j < other._ranges.Length)
        {
            var (a, b) = (_ranges[i], other._ranges[j]);
            var (first, last) = (Math.Max(a.First, b.First), Math.Min(a.Last, b.Last));
            if (first <= last)
            {
                ranges.Add((first, last));
            }

            if (a.Last < b.Last)
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return new(ranges);
    }

    internal CodePointSet Complement()
    {
        var ranges = new List<(int, int)>();
        var next = 0;
        foreach (var (first, last) in _ranges)
        {
            if (first > next)
            {
                ranges.Add((next, first - 1));
            }

            next = last + 1;
        }

        if (next <= Last)
        {
            ranges.Add((next, Last));
        }

        return Of(ranges);
    }
}
