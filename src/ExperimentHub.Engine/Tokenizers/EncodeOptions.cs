namespace ExperimentHub.Engine.Tokenizers;

/// <summary>How <see cref="Tokenizer.Encode(string, string?, EncodeOptions)"/> frames, cuts and pads.</summary>
public sealed record EncodeOptions
{
    public static EncodeOptions Default { get; } = new();

    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>Longest result in tokens, special tokens included; null, or less than the special tokens alone: nothing is cut.</summary>
    public int? MaxLength { get; init; }

    public TruncationStrategy Truncation { get; init; } = TruncationStrategy.LongestFirst;

    /// <summary>Cut the beginning instead of the end.</summary>
    public bool TruncateLeft { get; init; }

    /// <summary>Keep what was cut as further windows.</summary>
    public bool ReturnOverflow { get; init; }

    /// <summary>Tokens that a window shares with the one before it.</summary>
    public int Stride { get; init; }

    /// <summary>Null: rows keep their own length.</summary>
    public Padding? Padding { get; init; }
}
