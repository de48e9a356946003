using ExperimentHub.Engine.Models.Layers;
using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>
/// What reads a decoder's last hidden states: a product with the word embeddings (or a matrix of its own) that scores each word, or one
/// that scores the classes of a text by its last token. Neither has a bias.
/// </summary>
internal sealed class DecoderHead
{
    private readonly ModelHead _head;
    private readonly Weight _weight;
    private readonly WeightProduct _product;
    private readonly int? _padTokenId;

    /// <param name="place">The root of the model.</param>
    /// <param name="config">Sizes, and whether word embeddings are tied.</param>
    /// <param name="head">Which of the two.</param>
    /// <param name="words">The word embeddings (V, C).</param>
    /// <param name="padTokenId">The token that fills texts up; null where the family has none.</param>
    public DecoderHead(Place place, ModelConfig config, ModelHead head, Weight words, int? padTokenId)
    {
        (_head, _padTokenId) = (head, padTokenId);
        var top = place.At("", config.Layers + 2);
        _weight = head == ModelHead.CausalLanguageModel
            ? top.Add(new Weight(top.Depth, top.Initial, [config.HiddenSize], "vocab_size", new WeightPart("lm_head.weight", config.VocabSize))
            {
                MayTieTo = config.TiesWordEmbeddings ? words : null,
                Required = !config.TiesWordEmbeddings,
            })
            : top.Add(new Weight(top.Depth, top.Initial, [config.HiddenSize], "id2label", new WeightPart("score.weight", config.Labels!.Count)));
        _product = new(_weight);
    }

    /// <summary>Hidden states (B, T, C) of a batch to scores in 32 bits.</summary>
    public Tensor Forward(Tensor hidden, DecoderBatch batch)
    {
        using var scope = NewDisposeScope();
        return Scores(_head == ModelHead.CausalLanguageModel ? hidden : LastTokens(hidden, batch)).MoveToOuterDisposeScope();
    }

    /// <summary>(…, C) to scores in 32 bits.</summary>
    public Tensor Scores(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return _product.Of(hidden).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>The product of a decoding step; null where the weights do not lie as it reads them.</summary>
    public StepMatrix? ToStep() => StepMatrix.Fits(_weight.Value) ? new(_weight.Value, null) : null;

    /// <summary>
    /// (B, C): of each row the last token whose id is not the padding's, whatever the mask says, as transformers has it; without a
    /// padding token the last real one.
    /// </summary>
    private Tensor LastTokens(Tensor hidden, DecoderBatch batch)
    {
        var real = _padTokenId is { } pad ? batch.Ids.ne(pad) : batch.Mask?.ne(0) ?? ones_like(batch.Ids).to(ScalarType.Bool);
        var places = arange(batch.Length, device: batch.Ids.device) * real;                            // (B, T)
        var rows = arange(batch.Rows, device: batch.Ids.device) * batch.Length;
        return hidden.flatten(0, 1).index_select(0, rows + places.argmax(1));
    }
}
