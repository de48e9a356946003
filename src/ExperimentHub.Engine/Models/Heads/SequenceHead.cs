using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Heads;

/// <summary>
/// A classifier of whole texts, in two parts: what is the same for a text whatever the classes are (<see cref="Pick"/>, then
/// <see cref="Features"/>), which a frozen body need compute once, and the layers that are new for new classes.
/// </summary>
internal abstract class SequenceHead : EncoderHead
{
    public override EncoderOutput Forward(Tensor hidden, PaddedBatch batch, Dropout? dropout)
    {
        var features = Features(Pick(hidden, batch));
        return new EncoderOutput { Hidden = hidden, Pooled = HasPooler ? features : null, Logits = Classify(features, dropout) };
    }

    /// <summary>True where <see cref="Features"/> is what transformers calls the pooler's output.</summary>
    protected virtual bool HasPooler => false;

    /// <summary>(B, T, C) to (B, C): the first token, be it a real one or padding on the left.</summary>
    public virtual Tensor Pick(Tensor hidden, PaddedBatch batch) => hidden.select(1, 0);

    /// <summary>(B, C) to (B, C)</summary>
    public virtual Tensor Features(Tensor picked) => picked;

    /// <summary>Features (B, C) to scores (B, classes) in 32 bits.</summary>
    public abstract Tensor Classify(Tensor features, Dropout? dropout);
}
