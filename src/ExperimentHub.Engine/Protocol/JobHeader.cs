namespace ExperimentHub.Engine.Protocol;

/// <summary>
/// What every <c>run.json</c> says, whatever the job: its kind, whose attempt it is, and what it may use of the machine. The job's own
/// settings (a <c>RunConfig</c>, a <c>DatasetImport</c> …) stand beside these in the same object.
/// </summary>
public sealed record JobHeader
{
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;

    /// <summary>One of <see cref="JobKinds"/>.</summary>
    public string Job { get; init; } = JobKinds.Train;

    /// <summary>The hub's id of the run (for training) or of the job; 0 by hand.</summary>
    public long Id { get; init; }

    public int Attempt { get; init; } = 1;

    /// <summary>Fencing token: events and commands that carry another one belong to another attempt.</summary>
    public string Token { get; init; } = "";

    /// <summary><c>auto</c>, <c>cpu</c> or <c>cuda</c>; what it came to stands in the <c>started</c> event, as results depend on it.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads of the slot; results on a CPU depend on it. 0: all cores.</summary>
    public int Threads { get; init; }

    /// <summary>The folder with <c>datasets/HASH</c> and <c>models/HASH</c>. Absolute, written by the hub for its own workers.</summary>
    public string Store { get; init; } = "";

    /// <summary>
    /// Checkpoints to go on from, relative to the attempt's folder (<c>../1/checkpoints/step-000200</c>), the newest first: the first one that is
    /// whole is taken. None, or none whole: from the start.
    /// </summary>
    public IReadOnlyList<string>? ResumeFrom { get; init; }

    /// <summary>Where checkpoints go, relative to the attempt's folder.</summary>
    public string Output { get; init; } = "checkpoints";
}

public static class JobKinds
{
    public const string Train = "train";
    public const string InspectDataset = "inspect_dataset";
    public const string ImportDataset = "import_dataset";
    public const string CountTokens = "count_tokens";
    public const string TrainTokenizer = "train_tokenizer";
    public const string ImportModel = "import_model";
    public const string CreateModel = "create_model";
    public const string ImportAdapter = "import_adapter";
    public const string MergeAdapter = "merge_adapter";
}
