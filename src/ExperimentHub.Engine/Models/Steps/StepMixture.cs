using ExperimentHub.Engine.Models.Decoders;

namespace ExperimentHub.Engine.Models.Steps;

/// <summary>A mixture of experts in a decoding step: each row reads the weights of its few experts alone.</summary>
/// <param name="router">C to E.</param>
/// <param name="correction">(E): added to the probabilities where experts are chosen; or null.</param>
/// <param name="settings">How many are chosen, and what they weigh.</param>
/// <param name="experts">E of them.</param>
/// <param name="shared">What all tokens share; or null.</param>
internal sealed unsafe class StepMixture(StepMatrix router, float[]? correction, RouterSettings settings, IReadOnlyList<StepTransform> experts, StepTransform? shared) : StepTransform
{
    private readonly float[] _probabilities = new float[settings.Experts];

    public override int Widest { get; } = Math.Max(Math.Max(experts.Max(e => e.Widest), shared?.Widest ?? 0), router.Inputs);

    /// <summary>Uses the room 3 besides.</summary>
    public override void Run(StepState state, float* x, float* y, int rows, bool adds)
    {
        var width = router.Inputs;
        if (!adds)
        {
            new Span<float>(y, rows * width).Clear();
        }

        for (var row = 0; row < rows; row++)
        {
            var token = x + ((long)row * width);
            var sum = y + ((long)row * width);
            foreach (var (expert, weight) in Choose(token))
            {
                Add(state, experts[expert], token, sum, weight);
            }

            if (shared is not null)
            {
                Add(state, shared, token, sum, 1);
            }
        }
    }

    /// <summary>The experts of a token and what each counts.</summary>
    private (int Expert, float Weight)[] Choose(float* token)
    {
        fixed (float* logits = _probabilities)
        {
            router.Multiply(token, logits, 1);
        }

        var most = _probabilities.Max();
        var sum = 0f;
        for (var i = 0; i < _probabilities.Length; i++)
        {
            _probabilities[i] = MathF.Exp(_probabilities[i] - most);
            sum += _probabilities[i];
        }

        var chosen = Enumerable.Range(0, _probabilities.Length)
            .OrderByDescending(i => (_probabilities[i] / sum) + (correction?[i] ?? 0))
            .Take(settings.Chosen)
            .Select(i => (Expert: i, Weight: _probabilities[i] / sum))
            .ToArray();
        var total = settings.Normalises ? Math.Max(chosen.Sum(c => c.Weight), (float)settings.SmallestSum) : 1;
        return [.. chosen.Select(c => (c.Expert, c.Weight / total))];
    }

    private void Add(StepState state, StepTransform expert, float* token, float* sum, float weight)
    {
        var answer = state.Room(3);
        expert.Run(state, token, answer, 1, adds: false);
        for (var i = 0; i < router.Inputs; i++)
        {
            sum[i] += weight * answer[i];
        }
    }
}
