using static TorchSharp.torch;

namespace ExperimentHub.Engine.Models.Steps;

/// <summary>A decoding step through attention with its two products. Uses the rooms 1 and 2.</summary>
internal sealed unsafe class GroupedAttentionStep(StepMatrix projection, StepMatrix output, ScalarType cacheType, StepAttention attention)
{
    public int Widest => attention.Widest;

    /// <summary>x (R, C) to y (R, C)</summary>
    public void Run(StepState state, float* x, float* y, bool adds)
    {
        projection.Multiply(x, state.Room(1), state.Rows);
        attention.Run(state, state.Room(1), state.Room(2), cacheType);
        output.Multiply(state.Room(2), y, state.Rows, adds);
    }
}
