using System.ComponentModel.DataAnnotations;

namespace ExperimentHub.Web.Data;

/// <summary>The <c>ExperimentHub</c> section of the configuration (<c>ExperimentHub__DataDirectory</c> … in the environment).</summary>
public sealed class HubOptions
{
    public const string Section = "ExperimentHub";

    /// <summary>Where everything lies that the hub keeps; relative paths start at the content root.</summary>
    [Required]
    public string DataDirectory { get; set; } = "data";

    public AdminOptions Admin { get; set; } = new();

    public WorkerOptions Workers { get; set; } = new();

    /// <summary>A model that nobody asked for this long is unloaded.</summary>
    public TimeSpan UnloadModelsAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a read or write waits for another program that holds a database before it fails (and, where nobody waits for the answer, is tried again).</summary>
    public TimeSpan DatabaseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest upload in bytes.</summary>
    public long MaxUploadBytes { get; set; } = 8L << 30;

    public ModelHubSettings ModelHub { get; set; } = new();
}

/// <summary>Where models are imported from by name.</summary>
public sealed class ModelHubSettings
{
    /// <summary>
    /// Hugging Face or a mirror that speaks its protocol; empty: nothing is fetched from any hub. It may lie in a private network: only
    /// whoever runs the server chooses it, and redirects lead from it to its own host or to public addresses.
    /// </summary>
    [RegularExpression(@"(https?://[^\s@?#]+)?", ErrorMessage = "It must be an address such as https://huggingface.co, or empty.")]
    public string Endpoint { get; set; } = "https://huggingface.co";
}

/// <summary>Unattended set-up: an administrator made at the first start.</summary>
public sealed class AdminOptions
{
    public string? Email { get; set; }

    public string? Password { get; set; }

    /// <summary>An API key of this administrator: any string of at least 32 characters.</summary>
    public string? ApiKey { get; set; }
}

public sealed class WorkerOptions
{
    /// <summary>ExperimentHub.Worker.dll; null: beside the hub, where a build or a publish puts it.</summary>
    public string? Assembly { get; set; }

    /// <summary>Runs that train at the same time on one device.</summary>
    [Range(1, 64)]
    public int TrainingSlots { get; set; } = 1;

    /// <summary>Other jobs (imports …) at the same time.</summary>
    [Range(1, 64)]
    public int JobSlots { get; set; } = 2;

    /// <summary>Threads of a training slot on the CPU; 0: the cores divided by the slots.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>Where runs train: <c>auto</c> (a GPU if the workers carry libtorch for CUDA and see one), <c>cpu</c> or <c>cuda</c>.</summary>
    [AllowedValues("auto", "cpu", "cuda", ErrorMessage = "It must be auto, cpu or cuda.")]
    public string Device { get; set; } = "auto";

    /// <summary>No heartbeat for this long: the worker is dead.</summary>
    public TimeSpan HeartbeatTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Heartbeats without a step for this long (or ten times the usual pause between two, if that is longer): the worker hangs.</summary>
    public TimeSpan HangTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a worker may take to obey a cancel before it is killed.</summary>
    public TimeSpan CancelTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
