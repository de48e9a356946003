namespace ExperimentHub.Engine.Tokenizers.PostProcessors;

/// <summary>
/// The frame of special tokens around one text or a pair, such as <c>[CLS] A [SEP] B [SEP]</c>, with the token type of each part.
/// All post-processors of the BERT and RoBERTa families are such templates.
/// </summary>
internal sealed class Template(IReadOnlyList<TemplatePart> parts)
{
    private Template? _bare;

    internal IReadOnlyList<TemplatePart> Parts { get; } = parts;

    /// <summary>How many tokens the frame itself has.</summary>
    internal int SpecialTokens { get; } = parts.Sum(p => p.Ids.Count);

    /// <summary>The same texts in the same order without special tokens.</summary>
    internal Template WithoutSpecialTokens => SpecialTokens == 0 ? this : _bare ??= new([.. Parts.Where(p => p.Sequence >= 0)]);
}

/// <summary>One part of a <see cref="Template"/>: special tokens, or (with no <paramref name="Ids"/>) one of the texts.</summary>
/// <param name="Ids">Ids of special tokens; empty for a text.</param>
/// <param name="Sequence">0: the first text, 1: the second; -1 for special tokens.</param>
/// <param name="TypeId">Token type of all tokens of this part.</param>
internal sealed record TemplatePart(IReadOnlyList<int> Ids, int Sequence, int TypeId)
{
    /// <summary>Token type of a text's further windows: the library gives the template's own only to the first, the others keep that of their text.</summary>
    internal int FurtherTypeId { get; init; } = Math.Max(0, Sequence);
}

/// <summary>The templates of a tokenizer: for one text, and for a pair.</summary>
internal sealed record TemplatePair(Template Single, Template Pair)
{
    private static readonly TemplatePart s_first = new([], 0, 0);
    private static readonly TemplatePart s_second = new([], 1, 1);

    /// <summary>No special tokens at all.</summary>
    internal static TemplatePair Bare { get; } = new(new([s_first]), new([s_first, s_second]));

    /// <summary><c>[CLS] A [SEP]</c> and <c>[CLS] A [SEP] B [SEP]</c>, the second text with token type 1.</summary>
    internal static TemplatePair Bert(int cls, int sep) => new(
        new([new([cls], -1, 0), s_first, new([sep], -1, 0)]),
        new([new([cls], -1, 0), s_first, new([sep], -1, 0), s_second, new([sep], -1, 1)]));

    /// <summary><c>&lt;s&gt; A &lt;/s&gt;</c> and <c>&lt;s&gt; A &lt;/s&gt;&lt;/s&gt; B &lt;/s&gt;</c>, all of token type 0.</summary>
    /// <param name="furtherTypeId">Token type of further windows of the second text.</param>
    internal static TemplatePair Roberta(int cls, int sep, int furtherTypeId = 0) => new(
        new([new([cls], -1, 0), s_first, new([sep], -1, 0)]),
        new([new([cls], -1, 0), s_first, new([sep, sep], -1, 0), s_second with { TypeId = 0, FurtherTypeId = furtherTypeId }, new([sep], -1, 0)]));

    /// <summary>Each text by itself between the tokens given, the second one with token type 1: <c>&lt;s&gt; A &lt;s&gt; B</c>.</summary>
    internal static TemplatePair Around(int? beginning, int? end)
    {
        return new(new([.. Part(s_first)]), new([.. Part(s_first), .. Part(s_second)]));

        IEnumerable<TemplatePart> Part(TemplatePart text) =>
            [.. Special(beginning, text.TypeId), text, .. Special(end, text.TypeId)];

        static TemplatePart[] Special(int? id, int typeId) => id is { } token ? [new([token], -1, typeId)] : [];
    }
}
