using ExperimentHub.Engine.Evaluation;

namespace ExperimentHub.Engine.Training;

/// <summary>What happened in one optimiser step.</summary>
public sealed record StepReport
{
    /// <summary>Steps done, this one included.</summary>
    public required long Step { get; init; }

    public required long TotalSteps { get; init; }

    public double Epoch { get; init; }

    public double Loss { get; init; }

    public double LearningRate { get; init; }

    /// <summary>L2 norm of the whole gradient before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>Tokens of this step, padding not counted.</summary>
    public long Tokens { get; init; }

    public int Rows { get; init; }

    /// <summary>Tokens since the run's first step.</summary>
    public long TotalTokens { get; init; }

    public TimeSpan Took { get; init; }
}

/// <summary>A checkpoint is complete on disk.</summary>
public sealed record CheckpointReport(long Step, string Folder, bool Best, IReadOnlyList<string> Deleted);

/// <summary>What somebody asks of a running training; looked at between steps.</summary>
public sealed record TrainingOrders
{
    public bool Stop { get; init; }

    public bool Cancel { get; init; }

    public bool CheckpointNow { get; init; }

    public bool EvaluateNow { get; init; }

    /// <summary>The learning rate at the top of the schedule from now on.</summary>
    public double? LearningRate { get; init; }
}

/// <summary>How the training loop speaks to whoever runs it. All are called on the training thread.</summary>
public sealed record TrainingHooks
{
    public Func<TrainingOrders> Orders { get; init; } = static () => new TrainingOrders();

    public Action<StepReport> Stepped { get; init; } = static _ => { };

    /// <summary>Rows done, of how many, in an evaluation.</summary>
    public Action<int, int> Evaluating { get; init; } = static (_, _) => { };

    public Action<EvaluationReport> Evaluated { get; init; } = static _ => { };

    /// <summary>A checkpoint is about to be written.</summary>
    public Action Saving { get; init; } = static () => { };

    public Action<CheckpointReport> Saved { get; init; } = static _ => { };
}

public enum TrainingEnd
{
    Completed,

    /// <summary>No better value for <c>early_stopping_patience</c> evaluations.</summary>
    EarlyStopped,

    /// <summary>Saved on request; can be resumed.</summary>
    Stopped,

    /// <summary>Ended on request; nothing was saved.</summary>
    Cancelled,
}

/// <summary>How a training ended. The last evaluation is of the weights that it leaves in the model folder.</summary>
public sealed record TrainingResult(TrainingEnd End, long Step, long BestStep, EvaluationReport? Best);
