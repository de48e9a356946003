using ExperimentHub.Engine.Tokenizers.Decoders;
using ExperimentHub.Engine.Tokenizers.Models;
using ExperimentHub.Engine.Tokenizers.Normalizers;
using ExperimentHub.Engine.Tokenizers.PostProcessors;
using ExperimentHub.Engine.Tokenizers.PreTokenizers;

namespace ExperimentHub.Engine.Tokenizers;

/// <summary>What a <see cref="Tokenizer"/> is made of, as its files say.</summary>
internal sealed record TokenizerParts
{
    internal required Vocabulary Vocabulary { get; init; }

    internal required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    internal required Normalizer? Normalizer { get; init; }

    internal required PreTokenizer? PreTokenizer { get; init; }

    internal required TokenModel Model { get; init; }

    internal required TemplatePair Templates { get; init; }

    /// <summary>What post-processors take out of the places of tokens, in order.</summary>
    internal IReadOnlyList<OffsetTrim> Trims { get; init; } = [];

    internal required TokenDecoder Decoder { get; init; }

    internal required SpecialTokens Special { get; init; }

    internal int? ModelMaxLength { get; init; }

    internal IReadOnlyList<Warning> Warnings { get; init; } = [];
}
