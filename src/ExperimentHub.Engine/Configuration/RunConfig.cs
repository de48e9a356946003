namespace ExperimentHub.Engine.Configuration;

/// <summary>
/// Everything that decides a training run: what the form edits, what <c>run.json</c> holds, what the API takes. Names are those of
/// Hugging Face and PEFT in short form; the default of each setting is the initial value here.
/// </summary>
public sealed record RunConfig
{
    public string Name { get; init; } = "";

    /// <summary>One of <see cref="TaskNames"/>.</summary>
    public string Task { get; init; } = TaskNames.SequenceClassification;

    /// <summary>The model by content hash (64 hexadecimal digits); the API also takes a name or an id and resolves it.</summary>
    public string Model { get; init; } = "";

    /// <summary>The data set version by content hash; the API also takes a name or an id and resolves it.</summary>
    public string Dataset { get; init; } = "";

    /// <summary>Column with the text; null: the data set's own.</summary>
    public string? TextColumn { get; init; }

    /// <summary>Column with the second text of a pair; null: the data set's own, if it has one.</summary>
    public string? TextPairColumn { get; init; }

    /// <summary>Column with the label; null: the data set's own.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>Passes over the training rows; a fraction is allowed.</summary>
    public double Epochs { get; init; } = 3;

    /// <summary>Optimiser steps; above 0 it overrides <see cref="Epochs"/>.</summary>
    public int MaxSteps { get; init; }

    /// <summary>Training rows used, chosen by the seed; 0: all.</summary>
    public int MaxTrainRows { get; init; }

    public int BatchSize { get; init; } = 32;

    public int EvalBatchSize { get; init; } = 64;

    public int GradientAccumulationSteps { get; init; } = 1;

    /// <summary>Longest input in tokens, special tokens included; longer ones are cut.</summary>
    public int MaxLength { get; init; } = 128;

    public double LearningRate { get; init; } = 5e-5;

    /// <summary><c>linear</c>, <c>cosine</c> or <c>constant</c>, each after the warm-up.</summary>
    public string LrScheduler { get; init; } = "linear";

    /// <summary>Share of all steps in which the learning rate rises from 0.</summary>
    public double WarmupRatio { get; init; } = 0.1;

    public double WeightDecay { get; init; } = 0.01;

    public double AdamBeta1 { get; init; } = 0.9;

    public double AdamBeta2 { get; init; } = 0.999;

    public double AdamEpsilon { get; init; } = 1e-8;

    /// <summary>Longest gradient (L2 norm over all parameters); 0: no clipping.</summary>
    public double MaxGradNorm { get; init; } = 1;

    public double LabelSmoothing { get; init; }

    /// <summary><c>all</c>, <c>last_layers</c> or <c>head</c>.</summary>
    public string Trainable { get; init; } = "all";

    /// <summary>How many encoder layers learn when <see cref="Trainable"/> is <c>last_layers</c>.</summary>
    public int LastLayers { get; init; } = 2;

    /// <summary><c>auto</c> (bf16 where the machine is faster with it), <c>fp32</c> or <c>bf16</c>.</summary>
    public string Precision { get; init; } = "auto";

    /// <summary>Rows of similar length share a batch, which saves padding.</summary>
    public bool GroupByLength { get; init; } = true;

    public long Seed { get; init; } = 42;

    /// <summary>Steps between evaluations; 0: after each epoch.</summary>
    public int EvalSteps { get; init; }

    /// <summary>Steps between points of the training curves.</summary>
    public int LoggingSteps { get; init; } = 5;

    /// <summary>Steps between checkpoints; 0: after each evaluation.</summary>
    public int SaveSteps { get; init; }

    /// <summary>Checkpoints kept besides the best one.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary><c>accuracy</c>, <c>f1</c> or <c>loss</c>, of the validation rows.</summary>
    public string MetricForBest { get; init; } = "f1";

    /// <summary>Evaluations without a better value after which the run ends; 0: never.</summary>
    public int EarlyStoppingPatience { get; init; }
}

/// <summary>Tasks by their names on the wire.</summary>
public static class TaskNames
{
    public const string SequenceClassification = "sequence_classification";
}
