namespace ExperimentHub.Engine.Tokenizers;

/// <summary>The tokens of a vocabulary for people to look through, in the order of their ids: where merges were learned, that is the order of learning.</summary>
public sealed class VocabularyList
{
    private readonly IReadOnlyList<VocabularyEntry> _entries;

    public VocabularyList(Tokenizer tokenizer)
    {
        var made = tokenizer.ListMerges().DistinctBy(m => m.Result).ToDictionary(m => m.Result);
        var special = tokenizer.SpecialTexts.ToHashSet(StringComparer.Ordinal);
        _entries =
        [
            .. Enumerable.Range(0, tokenizer.IdCount).Where(id => tokenizer.IdToToken(id) is not null).Select(id => new VocabularyEntry
            {
                Id = id,
                Text = tokenizer.IdToToken(id)!,
                Shown = TokenDisplay.Of(tokenizer, id),
                IsBytes = TokenDisplay.IsPartOfACharacter(tokenizer, id),
                Special = special.Contains(tokenizer.IdToToken(id)!),
                Left = made.TryGetValue(id, out var merge) ? TokenDisplay.Of(tokenizer, merge.Left) : null,
                Right = made.TryGetValue(id, out merge) ? TokenDisplay.Of(tokenizer, merge.Right) : null,
            }),
        ];
    }

    /// <summary>Tokens that hold <paramref name="search"/> (all, if it is empty): how many there are, and <paramref name="count"/> of them.</summary>
    public (int Total, IReadOnlyList<VocabularyEntry> Entries) Find(string search, int from, int count)
    {
        var found = search.Length == 0
            ? _entries
            : [.. _entries.Where(e => e.Shown.Contains(search, StringComparison.OrdinalIgnoreCase) || e.Text.Contains(search, StringComparison.OrdinalIgnoreCase))];
        return (found.Count, [.. found.Skip(from).Take(count)]);
    }
}

/// <summary>A token of a vocabulary, and the two that were joined into it, as people read them.</summary>
public sealed record VocabularyEntry
{
    public required int Id { get; init; }

    /// <summary>As the vocabulary writes it.</summary>
    public required string Text { get; init; }

    /// <summary>As people read it.</summary>
    public required string Shown { get; init; }

    /// <summary>It is a part of a character.</summary>
    public required bool IsBytes { get; init; }

    public required bool Special { get; init; }

    public string? Left { get; init; }

    public string? Right { get; init; }
}
