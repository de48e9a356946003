using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ExperimentHub.Engine.Models.SequenceToSequence;

// Shapes: B batch, S source tokens, T target tokens, C width, V vocabulary.

/// <summary>An encoder that reads a text and a decoder that writes another, under torch's autograd. Without dropout it computes as in evaluation.</summary>
internal abstract class EncoderDecoderModel(EncoderDecoderConfig config, ModelHead head) : PretrainedModel(config, head, Place.Root(config.InitializerRange))
{
    private const long Ignored = -100;

    public new EncoderDecoderConfig Config => (EncoderDecoderConfig)base.Config;

    /// <summary>Source ids (B, S) and a mask that is 1 on real ones, or null, to hidden states (B, S, C).</summary>
    public Tensor Encode(Tensor ids, Tensor? mask, Dropout? dropout = null, ForwardTrace? trace = null)
    {
        using var scope = NewDisposeScope();
        return EncodeWords(Words(ids), mask, dropout, trace).MoveToOuterDisposeScope();
    }

    /// <summary>(B, S, C): vectors of token ids (B, S).</summary>
    public abstract Tensor Words(Tensor ids);

    /// <summary>The same as <see cref="Encode"/> from word vectors (B, S, C) that were made elsewhere.</summary>
    public abstract Tensor EncodeWords(Tensor words, Tensor? mask, Dropout? dropout = null, ForwardTrace? trace = null);

    /// <summary>
    /// Target ids (B, T) and the encoder's states (B, S, C) to hidden states (B, T, C). No mask is needed for the target: padding on its
    /// right is hidden by order. <paramref name="crossTrace"/> gets the attention to the source. With a <paramref name="cache"/> the ids are the
    /// next ones of the same texts, and join it.
    /// </summary>
    public abstract Tensor Decode(
        Tensor ids, Tensor encoded, Tensor? mask, Dropout? dropout = null, ForwardTrace? trace = null, ForwardTrace? crossTrace = null, TargetCache? cache = null);

    /// <summary>The longest target in tokens, the start token included.</summary>
    public virtual int MaxTargetLength => int.MaxValue;

    /// <summary>Hidden states (…, C) of the decoder to scores of words (…, V), in 32 bits.</summary>
    public abstract Tensor Score(Tensor hidden);

    /// <summary>Scores (B, T, V) of the target's words, each from the words before it.</summary>
    public Tensor Forward(Tensor ids, Tensor? mask, Tensor decoderIds, Dropout? dropout = null)
    {
        using var scope = NewDisposeScope();
        return Score(Decode(decoderIds, Encode(ids, mask, dropout), mask, dropout)).MoveToOuterDisposeScope();
    }

    /// <summary>What the decoder reads to write <paramref name="labels"/> (B, T): the start token, then all labels but the last; what is ignored becomes padding.</summary>
    public Tensor ShiftRight(Tensor labels)
    {
        using var scope = NewDisposeScope();
        var start = full([labels.shape[0], 1], Config.DecoderStartTokenId, ScalarType.Int64, labels.device);
        var shifted = cat([start, labels.narrow(1, 0, labels.shape[1] - 1)], 1);
        return shifted.masked_fill(shifted.eq(Ignored), Config.PadTokenId).MoveToOuterDisposeScope();
    }

    /// <summary>Cross entropy of scores (B, T, V) and labels (B, T) with −100 where nothing is told: the mean, or with <paramref name="smoothing"/> as Hugging Face's trainer mixes it.</summary>
    public static Tensor Loss(Tensor logits, Tensor labels, double smoothing = 0, bool sum = false)
    {
        using var scope = NewDisposeScope();
        var reduction = sum ? Reduction.Sum : Reduction.Mean;
        return functional.cross_entropy(logits.reshape(-1, logits.shape[^1]), labels.reshape(-1), ignore_index: Ignored, reduction: reduction, label_smoothing: smoothing).MoveToOuterDisposeScope();
    }

    private protected static Tensor Drop(Tensor x, double probability, Dropout? dropout) => probability > 0 ? dropout?.Apply(x, probability) ?? x : x;
}
