using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

/// <summary>
/// An encoder made of BERT's layers, whatever its embeddings and its head are. Its rows can also be computed packed, layer by layer, by
/// kernels of our own (<c>LayeredPass</c>).
/// </summary>
internal abstract class LayeredEncoder(EncoderConfig config, ModelHead head) : EncoderModel(config, head)
{
    public new EncoderConfig Config => (EncoderConfig)base.Config;

    public abstract IReadOnlyList<BertLayer> Layers { get; }

    /// <summary>(B, T, C): all that enters the first layer, from word vectors.</summary>
    public abstract Tensor Embed(Tensor words, PaddedBatch batch, Dropout? dropout);

    /// <summary>(N, C): the same over packed rows.</summary>
    public abstract Tensor Embed(Tensor words, PackedBatch batch, Dropout? dropout);

    public override Tensor Encode(Tensor words, PaddedBatch batch, Dropout? dropout, ForwardTrace? trace = null)
    {
        using var scope = NewDisposeScope();
        var hidden = Embed(words, batch, dropout);
        var mask = AttentionMask.Padding(Seen(batch), Precision);
        trace?.AddHiddenState(hidden);
        foreach (var layer in Layers)
        {
            hidden = layer.Forward(hidden, mask, dropout, trace, batch.Prefix);
            trace?.AddHiddenState(hidden);
        }

        return hidden.MoveToOuterDisposeScope();
    }

    /// <summary>The vectors of the positions of a batch whose rows have as many tokens before them as its prefix.</summary>
    private protected static Tensor Places(Embedding positions, PaddedBatch batch) => positions.Rows(batch.Prefix?.Length ?? 0, batch.Length);

    /// <summary>Hidden states (N, C) of packed rows to features (B, C).</summary>
    public Tensor Features(Tensor hidden, PackedBatch batch)
    {
        using var scope = NewDisposeScope();
        return SequenceHead.Features(hidden.index_select(0, batch.Starts)).MoveToOuterDisposeScope();
    }

    /// <summary>(B, n + T): 1 on what is seen, the prefix included; null where all is.</summary>
    private static Tensor? Seen(PaddedBatch batch) =>
        batch is { Mask: { } mask, Prefix: { } prefix } ? cat([ones([mask.shape[0], prefix.Length], mask.dtype, mask.device), mask], 1) : batch.Mask;
}
