using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Adapters.Unmerged;

/// <summary>Dropout of what goes into LoRA's pairs, each module its own; off but in a training pass.</summary>
internal sealed class AdapterDropout(double probability)
{
    /// <summary>That of the pass; null: none is.</summary>
    public Dropout? Current { get; set; }

    public bool IsOn => Current is not null && probability > 0;

    public Tensor Apply(Tensor x) => IsOn ? Current!.Apply(x, probability) : x;
}
