using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Heads;

/// <summary>A classifier of two layers over the first token's state, as RoBERTa, ELECTRA and DistilBERT have it: there is no pooler.</summary>
/// <param name="place">Where the head begins.</param>
/// <param name="dense">Name of the first layer.</param>
/// <param name="output">Name of the second layer.</param>
/// <param name="width">C.</param>
/// <param name="classes">Number of classes.</param>
/// <param name="activation">Between the layers.</param>
/// <param name="dropoutBefore">Dropout before the first layer.</param>
/// <param name="dropoutBetween">Dropout before the second layer.</param>
internal sealed class DenseHead(Place place, string dense, string output, long width, int classes, string activation, double dropoutBefore, double dropoutBetween) : SequenceHead
{
    private readonly Linear _dense = new(place.At(dense), width, width);
    private readonly Func<Tensor, Tensor> _activation = Activation.Of(activation);
    private readonly Linear _output = new(place.At(output), classes, width, "id2label");

    public override Tensor Classify(Tensor features, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var wide = _activation(_dense.Forward(dropoutBefore > 0 ? dropout?.Apply(features, dropoutBefore) ?? features : features));
        return _output.Forward(dropout?.Apply(wide, dropoutBetween) ?? wide).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}
