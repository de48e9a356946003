using ExperimentHub.Engine;
using ExperimentHub.Engine.Tokenizers;

namespace ExperimentHub.Worker;

/// <summary><c>POST /count</c>: how many tokens each of some texts has, special ones included and nothing cut.</summary>
internal sealed record CountRequest
{
    private const int MostTexts = 2000;

    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>The second texts of pairs, as many as <see cref="Texts"/>.</summary>
    public IReadOnlyList<string?>? TextPairs { get; init; }

    /// <summary>The model by content hash.</summary>
    public string? Model { get; init; }

    public object Answer(Tokenizer tokenizer)
    {
        if (Texts.Count is 0 or > MostTexts || Texts.Any(t => t is null))
        {
            throw new InputException($"Send 1 to {MostTexts} texts.", "request.texts", MostTexts);
        }

        if (TextPairs is not null && TextPairs.Count != Texts.Count)
        {
            throw new InputException("text_pairs must have as many entries as texts.", "request.text_pairs");
        }

        var batch = tokenizer.EncodeBatch(Texts, TextPairs, maxLength: 0);
        return new { Tokens = Enumerable.Range(0, batch.Count).Select(batch.Length) };
    }
}
