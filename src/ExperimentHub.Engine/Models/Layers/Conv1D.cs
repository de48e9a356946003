using ExperimentHub.Engine.Models.Steps;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>
/// y = x · W + b with W (inputs, outputs): GPT-2's linear layer, which its checkpoints keep the other way round than <see cref="Linear"/>.
/// It is kept so here too; gradients and moments then have the checkpoint's layout.
/// </summary>
internal sealed class Conv1D
{
    private readonly WeightProduct _product;

    public Conv1D(Place place, long outputs, long inputs, string setting = "n_embd")
    {
        Weight = place.Add("weight", [inputs, outputs], setting);
        Bias = place.Add("bias", [outputs], setting, Initialisation.Zero);
        _product = new(Weight, Bias, inputsFirst: true);
    }

    public Weight Weight { get; }

    public Weight Bias { get; }

    /// <summary>(…, inputs) to (…, outputs)</summary>
    public Tensor Forward(Tensor x) => _product.Of(x);

    /// <summary>The product of a decoding step; null where the weights do not lie as it reads them.</summary>
    public StepMatrix? ToStep() => StepMatrix.Fits(Weight.Value) ? new(Weight.Value, Bias.Value, inputsFirst: true) : null;
}
