namespace ExperimentHub.Engine.Tokenizers;

/// <summary>A text (or pair) as tokens. All arrays have one entry a token.</summary>
public sealed class TokenEncoding
{
    public required int[] Ids { get; init; }

    /// <summary>0 for the first text, 1 for the second (in BERT's template).</summary>
    public required int[] TypeIds { get; init; }

    /// <summary>Where the token begins in its own text, in UTF-16 units (C# string indexes); 0 for special tokens of the frame.</summary>
    public required int[] Starts { get; init; }

    /// <summary>Where it ends (exclusive).</summary>
    public required int[] Ends { get; init; }

    /// <summary>Number of the word (piece) in its text; -1 for special tokens of the frame.</summary>
    public required int[] WordIds { get; init; }

    /// <summary>0: first text, 1: second, -1: special token of the frame.</summary>
    public required int[] SequenceIds { get; init; }

    /// <summary>True when tokens were cut off.</summary>
    public bool Truncated { get; init; }

    /// <summary>Further windows, if they were asked for.</summary>
    public IReadOnlyList<TokenEncoding> Overflow { get; init; } = [];

    public int Length => Ids.Length;

    /// <summary>True for tokens that the frame added.</summary>
    public bool IsSpecial(int index) => SequenceIds[index] < 0;
}
