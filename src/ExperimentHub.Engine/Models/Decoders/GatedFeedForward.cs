using ExperimentHub.Engine.Models.Layers;
using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>down(act(gate(x)) ∘ up(x)) (Shazeer 2020), gate and up as one product.</summary>
/// <param name="gateAndUp">C to 2F, the gate first.</param>
/// <param name="down">F to C.</param>
/// <param name="activation">By the name that config.json gives it.</param>
internal sealed class GatedFeedForward(Linear gateAndUp, Linear down, string activation) : FeedForward
{
    private readonly Func<Tensor, Tensor> _activation = Activation.Of(activation);

    /// <summary>The layers of Llama's checkpoints.</summary>
    public GatedFeedForward(Place place, int width, int inner, string activation, bool bias = false, string setting = "intermediate_size")
        : this(new Linear(place, width, setting, bias, ("gate_proj", inner), ("up_proj", inner)), new Linear(place.At("down_proj"), width, inner, setting, bias), activation)
    {
    }

    public override Tensor Forward(Tensor x, DecoderPass pass)
    {
        using var scope = NewDisposeScope();
        var halves = gateAndUp.Forward(x).chunk(2, -1);                                               // 2 × (…, F)
        return down.Forward(_activation(halves[0]) * halves[1]).MoveToOuterDisposeScope();
    }

    public override StepTransform? ToStep() =>
        StepFeedForward.Knows(activation) && gateAndUp.ToStep() is { } up && down.ToStep() is { } back ? new StepFeedForward(up, back, activation, gated: true) : null;
}

/// <summary>What a layer does to each token alone: (…, C) to (…, C).</summary>
internal abstract class FeedForward
{
    public abstract Tensor Forward(Tensor x, DecoderPass pass);

    /// <summary>The same for one token a row over plain memory; null where there is no such form.</summary>
    public abstract StepTransform? ToStep();
}
