using ExperimentHub.Engine.Models.Layers;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Heads;

/// <summary>The classifier of BERT, ERNIE and ALBERT: dropout and a linear layer over the pooler's vector.</summary>
internal sealed class PooledHead(Pooler pooler, Place place, long width, int classes, double dropoutProbability) : SequenceHead
{
    private readonly Linear _classifier = new(place.At("classifier"), classes, width, "id2label");

    protected override bool HasPooler => true;

    public override Tensor Features(Tensor picked) => pooler.Forward(picked);

    public override Tensor Classify(Tensor features, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var dropped = dropout?.Apply(features, dropoutProbability) ?? features;
        return _classifier.Forward(dropped).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}
