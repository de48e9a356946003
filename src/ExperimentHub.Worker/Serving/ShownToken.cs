using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Worker;

/// <summary>A token of an answer; places count UTF-16 units of its text.</summary>
internal sealed record ShownToken
{
    public required int Id { get; init; }

    /// <summary>As the vocabulary writes it.</summary>
    public required string? Text { get; init; }

    /// <summary>As people read it.</summary>
    public required string Shown { get; init; }

    /// <summary>It is a part of a character.</summary>
    public required bool IsBytes { get; init; }

    public required int Start { get; init; }

    public required int End { get; init; }

    /// <summary>The model's frame added it.</summary>
    public required bool Special { get; init; }

    /// <summary>0: of the first text, 1: of the second; null: of none.</summary>
    public int? Sequence { get; init; }

    /// <summary>Of a conversation: training on the assistant's words learns from it.</summary>
    public bool Learned { get; init; }

    public static ShownToken Of(Tokenizer tokenizer, TokenEncoding encoding, int index, bool learned = false) => new()
    {
        Id = encoding.Ids[index],
        Text = tokenizer.IdToToken(encoding.Ids[index]),
        Shown = TokenDisplay.Of(tokenizer, encoding.Ids[index]),
        IsBytes = TokenDisplay.IsPartOfACharacter(tokenizer, encoding.Ids[index]),
        Start = encoding.Starts[index],
        End = encoding.Ends[index],
        Special = encoding.IsSpecial(index),
        Sequence = encoding.IsSpecial(index) ? null : encoding.SequenceIds[index],
        Learned = learned,
    };
}
