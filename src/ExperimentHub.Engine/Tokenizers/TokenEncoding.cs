namespace ExperimentHub.Engine.Tokenizers;

/// <summary>A text (or pair) as tokens. All arrays have one entry a token.</summary>
public sealed class TokenEncoding
{
    public required int[] Ids { get; init; }

    /// <summary>0 for the first text, 1 for the second (in BERT's template).</summary>
    public required int[] TypeIds { get; init; }

    /// <summary>1 for tokens, 0 for padding.</summary>
    public required int[] AttentionMask { get; init; }

    /// <summary>
    /// Where the token begins in its own text (or in its word, where words were given), in UTF-16 units (C# string indexes); 0 for
    /// special tokens of the frame. <see cref="Utf16Offsets"/> turns these into code points or bytes.
    /// </summary>
    public required int[] Starts { get; init; }

    /// <summary>Where it ends (exclusive).</summary>
    public required int[] Ends { get; init; }

    /// <summary>Number of the word (piece) in its text; -1 for special tokens of the frame and padding.</summary>
    public required int[] WordIds { get; init; }

    /// <summary>0: first text, 1: second, -1: special token of the frame, or padding.</summary>
    public required int[] SequenceIds { get; init; }

    /// <summary>True when tokens were cut off.</summary>
    public bool Truncated { get; init; }

    /// <summary>Further windows, if they were asked for.</summary>
    public IReadOnlyList<TokenEncoding> Overflow { get; init; } = [];

    public int Length => Ids.Length;

    /// <summary>True for tokens that the frame added, and for padding.</summary>
    public bool IsSpecial(int index) => SequenceIds[index] < 0;

    /// <summary>This row with padding to <paramref name="length"/>; itself if it is as long already.</summary>
    internal TokenEncoding PadTo(int length, int padId, bool left)
    {
        var overflow = Overflow.Select(w => w.PadTo(length, padId, left)).ToList();
        var missing = Math.Max(0, length - Length);
        return new TokenEncoding
        {
            Ids = Pad(Ids, padId),
            TypeIds = Pad(TypeIds, 0),
            AttentionMask = Pad(AttentionMask, 0),
            Starts = Pad(Starts, 0),
            Ends = Pad(Ends, 0),
            WordIds = Pad(WordIds, -1),
            SequenceIds = Pad(SequenceIds, -1),
            Truncated = Truncated,
            Overflow = overflow,
        };

        int[] Pad(int[] values, int value)
        {
            if (missing == 0)
            {
                return values;
            }

            var padded = new int[values.Length + missing];
            values.CopyTo(padded, left ? missing : 0);
            padded.AsSpan(left ? 0 : values.Length, missing).Fill(value);
            return padded;
        }
    }
}
