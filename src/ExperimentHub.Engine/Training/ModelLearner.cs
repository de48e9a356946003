using ExperimentHub.Engine.Adapters.Unmerged;
using ExperimentHub.Engine.Models;
using static TorchSharp.torch;

namespace ExperimentHub.Engine.Training;

/// <summary>
/// A model of any family and head that learns: the caller says what the loss is, torch's autograd gives the gradients, and AdamW clips and
/// updates. A weight that does not learn yet has no gradient, no part in the norm and no state that changes.
/// </summary>
internal sealed class ModelLearner : IDisposable
{
    private readonly IReadOnlyList<Weight> _weights;
    private readonly IDisposable _owner;
    private readonly LearningPlan _plan;
    private readonly double _maxGradNorm;
    private readonly AdamW _optimizer;

    /// <summary>Takes over the model.</summary>
    public ModelLearner(PretrainedModel model, AdamWSettings settings, double maxGradNorm, LearningPlan? plan = null, bool plain = false)
        : this(model.Weights, model, settings, maxGradNorm, plan, plain)
    {
    }

    /// <summary>Takes over the adapter, whose weights alone learn; the model below it is the caller's.</summary>
    public ModelLearner(AdaptedModel model, AdamWSettings settings, double maxGradNorm, LearningPlan? plan = null, bool plain = false)
        : this(model.Weights, model, settings, maxGradNorm, plan, plain)
    {
    }

    private ModelLearner(IReadOnlyList<Weight> weights, IDisposable owner, AdamWSettings settings, double maxGradNorm, LearningPlan? plan, bool plain)
    {
        (_weights, _owner, _maxGradNorm) = (weights, owner, maxGradNorm);
        _plan = plan ?? LearningPlan.Everything;
        _optimizer = new AdamW(weights.Where(w => _plan.From(w) is not null), null, settings, plain, _plan.RateFactor);
    }

    /// <summary>Moments by the names under which a checkpoint keeps them.</summary>
    public IEnumerable<(string Name, Tensor Value)> State => _optimizer.State;

    /// <summary>To be called before the batches of step <paramref name="step"/> (from 0): weights whose time has come learn from now on.</summary>
    public void BeginStep(long step)
    {
        foreach (var weight in _weights)
        {
            weight.Learns = _plan.From(weight) is { } from && from <= step;
        }
    }

    /// <summary>Adds the gradient of a loss; gives its value.</summary>
    public static float Accumulate(Tensor loss)
    {
        if (loss.requires_grad)
        {
            loss.backward();
        }

        return loss.item<float>();
    }

    /// <summary>Clips and updates; gives the norm of the whole gradient before clipping. Not a number: nothing was updated.</summary>
    public double Step(double learningRate)
    {
        var norm = Math.Sqrt(_optimizer.SquaredNorm());
        if (double.IsFinite(norm))
        {
            _optimizer.Step(learningRate, _maxGradNorm > 0 ? Math.Min(1, _maxGradNorm / (norm + 1e-6)) : 1);
        }

        return norm;
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _owner.Dispose();
    }
}
