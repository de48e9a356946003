using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>A layer of Llama and its descendants: x += attention(norm(x)), then x += feed-forward(norm(x)).</summary>
internal sealed class PreNormLayer(Func<Tensor, Tensor> attentionNorm, GroupedAttention attention, Func<Tensor, Tensor> feedForwardNorm, FeedForward feedForward) : DecoderLayer
{
    public override Tensor Forward(Tensor x, DecoderPass pass)
    {
        using var scope = NewDisposeScope();
        x += attention.Forward(attentionNorm(x), pass);
        return (x + feedForward.Forward(feedForwardNorm(x), pass)).MoveToOuterDisposeScope();
    }
}
