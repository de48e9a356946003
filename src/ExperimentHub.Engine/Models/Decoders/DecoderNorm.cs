using ExperimentHub.Engine.Models.Layers;
using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Decoders;

/// <summary>A normalisation of a decoder, under autograd or over the plain memory of a decoding step.</summary>
internal abstract class DecoderNorm
{
    public abstract Tensor Forward(Tensor x);

    public abstract StepNorm ToStep();
}

/// <summary>That of Llama and its descendants.</summary>
internal sealed class RootMeanSquare(Place place, int width, double epsilon, string setting = "hidden_size") : DecoderNorm
{
    private readonly RmsNorm _norm = new(place, width, epsilon, setting);

    public override Tensor Forward(Tensor x) => _norm.Forward(x);

    public override StepNorm ToStep() => new(_norm.Weight.Value, null, epsilon);
}
