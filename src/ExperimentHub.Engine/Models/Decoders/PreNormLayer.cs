using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>A layer of Llama and its descendants: x += attention(norm(x)), then x += feed-forward(norm(x)).</summary>
internal sealed class PreNormLayer(DecoderNorm attentionNorm, GroupedAttention attention, DecoderNorm feedForwardNorm, FeedForward feedForward) : DecoderLayer
{
    public override Tensor Forward(Tensor x, DecoderPass pass)
    {
        using var scope = NewDisposeScope();
        x += attention.Forward(attentionNorm.Forward(x), pass);
        return (x + feedForward.Forward(feedForwardNorm.Forward(x), pass)).MoveToOuterDisposeScope();
    }

    public override StepLayer? ToStep() =>
        attention.ToStep() is { } attends && feedForward.ToStep() is { } feeds ? new PreNormStep(attentionNorm.ToStep(), attends, feedForwardNorm.ToStep(), feeds) : null;
}
