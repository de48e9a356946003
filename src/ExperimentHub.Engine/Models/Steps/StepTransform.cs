namespace ExperimentHub.Engine.Models.Steps;

/// <summary>What a layer does to each token alone, in a decoding step.</summary>
internal abstract unsafe class StepTransform
{
    /// <summary>The longest row that it works with.</summary>
    public abstract int Widest { get; }

    /// <summary>x (rows, C) to y (rows, C), or added to it. Uses the rooms 1 and 2.</summary>
    public abstract void Run(StepState state, float* x, float* y, int rows, bool adds);
}
