using ExperimentHub.Engine;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Worker;

/// <summary><c>POST /tokenize</c>: how a text looks to a model.</summary>
internal sealed record TokenizeRequest
{
    private const int LongestText = 200_000;

    public required string Text { get; init; }

    public string? TextPair { get; init; }

    /// <summary>Tokens at most; 0: no limit.</summary>
    public int MaxLength { get; init; }

    /// <summary>The model by content hash, where the server has several.</summary>
    public string? Model { get; init; }

    public object Answer(Tokenizer tokenizer)
    {
        if (Text.Length > LongestText || TextPair?.Length > LongestText)
        {
            throw new InputException($"A text may have at most {LongestText} characters.", "request.too_long", LongestText);
        }

        var encoding = tokenizer.Encode(Text, TextPair, Math.Max(0, MaxLength));
        return new
        {
            Tokens = Enumerable.Range(0, encoding.Length).Select(i => ShownToken.Of(tokenizer, encoding, i)),
            encoding.Truncated,
            tokenizer.VocabularySize,
        };
    }
}
