namespace ExperimentHub.Engine.Training;

/// <summary>The factor on the learning rate at each optimiser step, as in transformers' <c>get_scheduler</c>: step 0 of a warm-up has factor 0.</summary>
public sealed record LearningRateSchedule(string Kind, long WarmupSteps, long TotalSteps)
{
    /// <summary>Warm-up as a share of all steps is rounded up.</summary>
    public static LearningRateSchedule Create(string kind, double warmupRatio, long totalSteps) =>
        new(kind, (long)Math.Ceiling(warmupRatio * totalSteps), totalSteps);

    public double Factor(long step)
    {
        if (step < WarmupSteps)
        {
            return (double)step / Math.Max(1, WarmupSteps);
        }

        var left = Math.Max(1, TotalSteps - WarmupSteps);
        return Kind switch
        {
            "constant" => 1,
            "cosine" => Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * 0.5 * 2 * ((double)(step - WarmupSteps) / left)))),
            _ => Math.Max(0, (double)(TotalSteps - step) / left),
        };
    }
}
