using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>
/// y = x · W + b with W (inputs, outputs): GPT-2's linear layer, which its checkpoints keep the other way round than <see cref="Linear"/>.
/// It is kept so here too; gradients and moments then have the checkpoint's layout.
/// </summary>
internal sealed class Conv1D(Place place, long outputs, long inputs, string setting = "n_embd")
{
    public Weight Weight { get; } = place.Add("weight", [inputs, outputs], setting);

    public Weight Bias { get; } = place.Add("bias", [outputs], setting, Initialisation.Zero);

    /// <summary>(…, inputs) to (…, outputs)</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var flat = x.reshape(-1, x.shape[^1]);
        return addmm(Bias.Value, flat, Weight.Value, 1, 1).view([.. x.shape[..^1], Weight.RowShape[0]]).MoveToOuterDisposeScope();
    }

    /// <summary>The product of a decoding step; null where the weights do not lie as it reads them.</summary>
    public StepMatrix? ToStep() => StepMatrix.Fits(Weight.Value) ? new(Weight.Value, Bias.Value, inputsFirst: true) : null;
}
