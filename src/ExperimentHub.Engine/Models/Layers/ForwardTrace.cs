using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Layers;

/// <summary>What a forward pass leaves of its way, for distillation, for looking at a model and for comparing it: with gradients where there are any.</summary>
internal sealed class ForwardTrace(bool keepsAttentions = false) : IDisposable
{
    private readonly List<Tensor> _hiddenStates = [];
    private readonly List<Tensor> _attentions = [];

    /// <summary>(B, T, C): what enters the first layer, then what leaves each layer.</summary>
    public IReadOnlyList<Tensor> HiddenStates => _hiddenStates;

    /// <summary>(B, H, Tq, Tk) per layer, if they are asked for: computed a second time, as the fast operator does not show them.</summary>
    public IReadOnlyList<Tensor> Attentions => _attentions;

    public void AddHiddenState(Tensor hidden) => _hiddenStates.Add(hidden.alias().DetachFromDisposeScope());

    public void AddAttention(Func<Tensor> probabilities)
    {
        if (keepsAttentions)
        {
            _attentions.Add(probabilities().DetachFromDisposeScope());
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _hiddenStates.Concat(_attentions))
        {
            tensor.Dispose();
        }
    }
}
