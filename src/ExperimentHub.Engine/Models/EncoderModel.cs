using ExperimentHub.Engine.Models.Heads;
using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models;

// Shapes: B batch, T tokens, V vocabulary, C width, N tokens of packed rows.

/// <summary>An encoder of texts with a head, under torch's autograd. Without dropout it computes as in evaluation.</summary>
internal abstract class EncoderModel(ModelConfig config, ModelHead head) : PretrainedModel(config, head, Place.Root(config.InitializerRange))
{
    /// <summary>Class names of the head.</summary>
    public IReadOnlyList<string> Labels { get; } = config.Labels ?? [];

    /// <summary>What reads the hidden states; built after the body.</summary>
    protected abstract EncoderHead Top { get; }

    /// <summary>The depth of the head's own weights: it follows layers and pooler.</summary>
    public int HeadDepth => Config.Layers + 2;

    /// <summary>All that the model says of a batch.</summary>
    public EncoderOutput Run(PaddedBatch batch, Dropout? dropout = null, ForwardTrace? trace = null)
    {
        using var scope = NewDisposeScope();
        batch = batch.On(Device, Config.PadTokenId);
        return Run(Words(batch.Ids), batch, dropout, trace).MoveToOuterDisposeScope();
    }

    /// <summary>The same from word vectors (B, T, C) that were made elsewhere, of a batch where the model is.</summary>
    public EncoderOutput Run(Tensor words, PaddedBatch batch, Dropout? dropout = null, ForwardTrace? trace = null)
    {
        using var scope = NewDisposeScope();
        return Top.Forward(Encode(words, batch, dropout, trace), batch, dropout).MoveToOuterDisposeScope();
    }

    /// <summary>Token ids (B, T) to class scores (B, classes), in 32 bits.</summary>
    public Tensor Forward(PaddedBatch batch, Dropout? dropout = null)
    {
        using var scope = NewDisposeScope();
        batch = batch.On(Device, Config.PadTokenId);
        return Forward(Words(batch.Ids), batch, dropout).MoveToOuterDisposeScope();
    }

    /// <summary>The same from word vectors that were looked up elsewhere.</summary>
    public Tensor Forward(Tensor words, PaddedBatch batch, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        return Classify(Pick(Encode(words, batch, dropout), batch), dropout).MoveToOuterDisposeScope();
    }

    /// <summary>(B, C): all that the classification head reads of a batch, without dropout.</summary>
    public Tensor Features(PaddedBatch batch)
    {
        using var scope = NewDisposeScope();
        batch = batch.On(Device, Config.PadTokenId);
        return Pick(Encode(Words(batch.Ids), batch, null), batch).MoveToOuterDisposeScope();
    }

    /// <summary>Features (B, C) to class scores (B, classes), in 32 bits.</summary>
    public Tensor Classify(Tensor features, Dropout? dropout) => SequenceHead.Classify(features, dropout);

    /// <summary>Vectors (…, C) of token ids (…).</summary>
    public abstract Tensor Words(Tensor ids);

    /// <summary>Word vectors (B, T, C) to hidden states (B, T, C).</summary>
    public abstract Tensor Encode(Tensor words, PaddedBatch batch, Dropout? dropout, ForwardTrace? trace = null);

    private protected SequenceHead SequenceHead => Top as SequenceHead ?? throw new InvalidOperationException($"A model with the head {Head} classifies no texts.");

    private Tensor Pick(Tensor hidden, PaddedBatch batch) => SequenceHead.Features(SequenceHead.Pick(hidden, batch));
}
