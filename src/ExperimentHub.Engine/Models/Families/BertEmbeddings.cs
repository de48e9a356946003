using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Families;

/// <summary>Word + position + segment, normalised. Which position a token has is the family's question.</summary>
internal sealed class BertEmbeddings
{
    private readonly EncoderConfig _config;
    private readonly Embedding _types;
    private readonly LayerNorm _norm;

    /// <param name="place">Where the embeddings stand.</param>
    /// <param name="config">Sizes and dropout.</param>
    /// <param name="width">Width of the vectors where it is not that of the layers.</param>
    /// <param name="paddingPosition">The row of the position table that stands for padding, in families that have one.</param>
    public BertEmbeddings(Place place, EncoderConfig config, int? width = null, int? paddingPosition = null)
    {
        _config = config;
        long size = width ?? config.HiddenSize;
        Words = new(place.At("word_embeddings"), config.VocabSize, size, "vocab_size", config.PadTokenId);
        Positions = new(place.At("position_embeddings"), config.MaxPositions, size, "max_position_embeddings", paddingPosition);
        _types = new(place.At("token_type_embeddings"), config.TypeVocabSize, size, "type_vocab_size");
        _norm = new(place.At("LayerNorm"), size, config.LayerNormEpsilon);
    }

    public Embedding Words { get; }

    public Embedding Positions { get; }

    /// <summary>Token ids (…) to vectors (…, E), in the precision of the layers.</summary>
    public Tensor Lookup(Tensor ids, ScalarType precision)
    {
        using var scope = NewDisposeScope();
        return Words.Forward(ids).to(precision).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Word vectors (…, E), the vectors of their positions (of that shape, or (T, E) for every row alike) and segments (…) or null to what
    /// enters the first layer.
    /// </summary>
    public Tensor Forward(Tensor words, Tensor positions, Tensor? types, Dropout? dropout, Tensor? more = null)
    {
        using var scope = NewDisposeScope();
        // RoBERTa knows one segment, whatever a tokenizer calls the second one.
        var sum = types is null || _config.TypeVocabSize == 1 ? words + (positions + _types.Rows(0, 1)) : words + positions + _types.Forward(types);
        var normalised = _norm.Forward(more is null ? sum : sum + more);
        return (dropout?.Apply(normalised, _config.HiddenDropout) ?? normalised).MoveToOuterDisposeScope();
    }
}
