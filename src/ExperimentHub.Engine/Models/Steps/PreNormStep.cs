namespace ExperimentHub.Engine.Models.Steps;

/// <summary>A step through a layer that normalises first, as most decoders have it.</summary>
internal sealed unsafe class PreNormStep(StepNorm attentionNorm, GroupedAttentionStep attention, StepNorm feedForwardNorm, StepTransform feedForward) : StepLayer
{
    public override int Widest => Math.Max(attention.Widest, feedForward.Widest);

    public override void Run(StepState state, int width)
    {
        attentionNorm.Normalise(state.Hidden, state.Room(0), state.Rows, width);
        attention.Run(state, state.Room(0), state.Hidden, adds: true);
        feedForwardNorm.Normalise(state.Hidden, state.Room(0), state.Rows, width);
        feedForward.Run(state, state.Room(0), state.Hidden, state.Rows, adds: true);
    }
}
