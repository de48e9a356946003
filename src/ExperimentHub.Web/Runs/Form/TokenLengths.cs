using System.Collections.Concurrent;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Web.Datasets.Rows;
using ExperimentHub.Web.Playground;

namespace ExperimentHub.Web.Runs.Form;

/// <summary>Tokens of a sample of the training rows, in order, as the model's own tokenizer counts them.</summary>
public sealed record TokenSample(IReadOnlyList<int> Lengths)
{
    public int Longest => Lengths.Count == 0 ? 0 : Lengths[^1];

    /// <summary>The share of rows that are longer.</summary>
    public double ShareAbove(int maxLength) => Lengths.Count == 0 ? 0 : (double)Lengths.Count(l => l > maxLength) / Lengths.Count;

    /// <summary>The smallest usual maximum length (64, 128, 256 …) that cuts at most 2 % of the rows, or the most the model reads.</summary>
    public int Suggest(int modelMaxLength)
    {
        for (var length = 64; length < modelMaxLength; length *= 2)
        {
            if (ShareAbove(length) <= 0.02)
            {
                return length;
            }
        }

        return modelMaxLength;
    }
}

/// <summary>Looks at a few hundred rows, once for each pair of data and model.</summary>
public sealed class TokenLengths(RowQueries rows, ServingService serving)
{
    private const int Rows = 400;
    private const int LongestText = 8000;
    private const int MostCharacters = 1_000_000;
    private const int MostRemembered = 64;

    private readonly ConcurrentDictionary<(string Model, string Dataset, string? Text, string? Pair), TokenSample> _known = [];

    /// <exception cref="Engine.InputException">The rows or the tokenizer cannot be read.</exception>
    public async Task<TokenSample> OfAsync(string model, DatasetInfo info, string? textColumn, string? pairColumn, CancellationToken cancellationToken)
    {
        var key = (model, info.Hash, textColumn, pairColumn);
        if (_known.TryGetValue(key, out var known))
        {
            return known;
        }

        var sample = await rows.SampleAsync(info, textColumn, pairColumn, Rows, LongestText, cancellationToken);
        var taken = new List<(string Text, string? Pair)>(sample.Count);
        var characters = 0;
        foreach (var row in sample.TakeWhile(r => (characters += r.Text.Length + (r.Pair?.Length ?? 0)) <= MostCharacters))
        {
            taken.Add(row);
        }

        var lengths = taken.Count == 0
            ? []
            : await serving.CountTokensAsync(
                model, taken.ConvertAll(r => r.Text), taken.Exists(r => r.Pair is not null) ? taken.ConvertAll(r => r.Pair) : null, cancellationToken);
        if (_known.Count >= MostRemembered)
        {
            _known.Clear();
        }

        return _known[key] = new TokenSample([.. lengths.Order()]);
    }
}
