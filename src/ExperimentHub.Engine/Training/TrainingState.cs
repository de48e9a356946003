using System.Text.Json;
using ExperimentHub.Engine.Evaluation;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Training;

/// <summary>
/// <c>trainer_state.json</c> of a checkpoint: what a run must know, beside weights and moments, to go on as if it had never stopped.
/// The order of rows follows from seed and step, so it needs no place here.
/// </summary>
internal sealed record TrainingState
{
    public const string FileName = "trainer_state.json";

    public long Step { get; init; }

    public long TotalSteps { get; init; }

    public long Tokens { get; init; }

    /// <summary>The precision in force (<c>auto</c> was decided at the start).</summary>
    public string Precision { get; init; } = "fp32";

    /// <summary>The learning rate at the top of the schedule; null: that of the configuration.</summary>
    public double? LearningRate { get; init; }

    public EvaluationReport? Best { get; init; }

    /// <summary>Folder of the best checkpoint relative to this one's; null when it is this one or there is none.</summary>
    public string? BestCheckpoint { get; init; }

    public int EvaluationsWithoutBetter { get; init; }

    /// <summary>How many draws the masks of dropout have taken.</summary>
    public long DropoutCounter { get; init; }

    /// <summary>State of torch's generator (dropout on the plain path), base64.</summary>
    public string Generator { get; init; } = "";

    /// <exception cref="InputException">The folder is no checkpoint of a run.</exception>
    public static TrainingState Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainingState>(File.ReadAllBytes(Path.Combine(folder, FileName)), WireJson.Options) ?? throw new JsonException();
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"The checkpoint has no valid {FileName}; resume from another one.", "training.state");
        }
    }

    public void Write(string folder) => AtomicFile.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, WireJson.Indented));
}
