using ExperimentHub.Engine;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Worker;

/// <summary><c>POST /vocabulary</c>: some tokens of a vocabulary, in the order of their ids.</summary>
internal sealed record VocabularyRequest
{
    private const int MostTokens = 1000;
    private const int LongestSearch = 200;

    /// <summary>The tokenizer by content hash.</summary>
    public string? Model { get; init; }

    /// <summary>Only tokens that hold this; empty: all.</summary>
    public string? Search { get; init; }

    public int From { get; init; }

    public int Count { get; init; } = 100;

    public object Answer(VocabularyList vocabulary)
    {
        if (From < 0 || Count is < 1 or > MostTokens || Search?.Length > LongestSearch)
        {
            throw new InputException($"Ask for 1 to {MostTokens} tokens, and search for at most {LongestSearch} characters.", "request.vocabulary", MostTokens, LongestSearch);
        }

        var (total, tokens) = vocabulary.Find(Search ?? "", From, Count);
        return new { Total = total, Tokens = tokens };
    }
}
