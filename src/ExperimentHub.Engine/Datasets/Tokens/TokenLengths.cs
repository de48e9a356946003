namespace ExperimentHub.Engine.Datasets.Tokens;

/// <summary>How many rows have how many tokens, special tokens included: all that a choice of <c>max_length</c> needs.</summary>
public sealed record TokenLengths
{
    public required long Rows { get; init; }

    public required long Tokens { get; init; }

    /// <summary>Rows of each length, shortest first. Above <see cref="TokenLengthCounter.Exact"/> lengths are rounded up.</summary>
    public required IReadOnlyList<LengthCount> Counts { get; init; }

    /// <summary>Of these tokens, those that the model adds to every row.</summary>
    public required long FrameTokens { get; init; }

    /// <summary>Tokens that say "something that I do not know"; always 0 where every text can be written.</summary>
    public required long UnknownTokens { get; init; }

    /// <summary>Characters (code points) and UTF-8 bytes of the texts.</summary>
    public required long Characters { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Different tokens that occur, of all <see cref="VocabularySize"/>.</summary>
    public required int UsedTokens { get; init; }

    public required int VocabularySize { get; init; }

    /// <summary>How much text a token holds on average; what the model adds is not counted.</summary>
    public double CharactersPerToken => Characters / (double)Math.Max(1, Tokens - FrameTokens);

    public double BytesPerToken => Bytes / (double)Math.Max(1, Tokens - FrameTokens);

    public double UnknownShare => UnknownTokens / (double)Math.Max(1, Tokens - FrameTokens);

    public double Mean => Rows == 0 ? 0 : Tokens / (double)Rows;

    public int Longest => Counts.Count == 0 ? 0 : Counts[^1].Length;

    /// <summary>The share of rows with more than <paramref name="maxLength"/> tokens.</summary>
    public double ShareAbove(int maxLength) => Rows == 0 ? 0 : Counts.Where(c => c.Length > maxLength).Sum(c => c.Rows) / (double)Rows;

    /// <summary>The length that <paramref name="share"/> of the rows (0 to 1) do not exceed.</summary>
    public int Quantile(double share)
    {
        var left = share * Rows;
        foreach (var (length, rows) in Counts)
        {
            left -= rows;
            if (left <= 0)
            {
                return length;
            }
        }

        return Longest;
    }
}

public sealed record LengthCount(int Length, long Rows);
