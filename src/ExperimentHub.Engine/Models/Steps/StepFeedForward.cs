using System.Runtime.Intrinsics;

namespace ExperimentHub.Engine.Models.Steps;

/// <summary>The feed-forward of one step: one product, the activation (times the other half where the layer is gated), one product that is added to the hidden states.</summary>
/// <param name="up">C to F, or to 2F where it is gated.</param>
/// <param name="down">F to C.</param>
/// <param name="activation">A name that <see cref="Knows"/> knows.</param>
/// <param name="gated">The first half of the numbers is activated and multiplies the second.</param>
internal sealed unsafe class StepFeedForward(StepMatrix up, StepMatrix down, string activation, bool gated) : StepTransform
{
    private const int Lane = 8;

    public override int Widest => up.Outputs;

    public static bool Knows(string activation) => activation is "silu" or "swish" or "gelu_new" or "gelu_pytorch_tanh" or "relu";

    public override void Run(StepState state, float* x, float* y, int rows, bool adds)
    {
        var inner = down.Inputs;
        var wide = state.Room(1);
        var activated = state.Room(2);
        up.Multiply(x, wide, rows);
        for (var row = 0; row < rows; row++)
        {
            var gate = wide + ((long)row * up.Outputs);
            for (var i = 0; i < inner; i += Lane)
            {
                var value = Activate(Vector256.Load(gate + i));
                (gated ? value * Vector256.Load(gate + inner + i) : value).Store(activated + ((long)row * inner) + i);
            }
        }

        down.Multiply(activated, y, rows, adds);
    }

    private Vector256<float> Activate(Vector256<float> x) => activation switch
    {
        "silu" or "swish" => x / (Vector256<float>.One + Vector256.Exp(-x)),
        "relu" => Vector256.Max(x, Vector256<float>.Zero),
        _ => GeluByTanh(x),
    };

    /// <summary>x · σ(2u) with u = √(2/π) · (x + 0.044715 x³): ½ (1 + tanh u) is the logistic function of 2u.</summary>
    private static Vector256<float> GeluByTanh(Vector256<float> x)
    {
        var twice = (2 * 0.7978845608f) * (x + (0.044715f * x * x * x));
        return x / (Vector256<float>.One + Vector256.Exp(-twice));
    }
}
