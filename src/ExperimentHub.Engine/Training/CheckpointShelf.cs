using ExperimentHub.Engine.Checkpoints;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;

namespace ExperimentHub.Engine.Training;

/// <summary>
/// The checkpoints of one run: folders <c>step-000123</c> that appear whole or not at all, the best one and the newest kept, and the
/// model folder that the run leaves.
/// </summary>
internal sealed class CheckpointShelf(string folder, string modelFolder, string origin, int keep)
{
    public const string OptimizerFile = "optimizer.safetensors";

    private readonly List<string> _own = [];

    /// <summary>Full path of the best checkpoint; it may be an earlier attempt's.</summary>
    public string? Best { get; set; }

    public string PathOf(long step) => Path.Combine(folder, CheckpointNames.Of(step));

    public bool Has(long step) => _own.Contains(PathOf(step));

    /// <summary>Saves model, moments and state; gives the folders that were deleted to make room.</summary>
    public IReadOnlyList<string> Save(PretrainedModel model, ClassifierLearner learner, TrainingState state, bool isBest)
    {
        var target = PathOf(state.Step);
        var previousBest = isBest ? null : Best;
        Directory.CreateDirectory(folder);
        var temporary = target + ".tmp";
        DeleteFolder(temporary);      // left by a worker that died while saving
        Directory.CreateDirectory(temporary);
        try
        {
            learner.BringUpToDate();
            ModelSaver.Save(model, temporary, origin, learner.MasterOf);
            learner.SaveOptimizer(Path.Combine(temporary, OptimizerFile));
            (state with { BestCheckpoint = previousBest is null ? null : Path.GetRelativePath(target, previousBest) }).Write(temporary);
            CheckpointSeal.Write(temporary);
            AtomicFile.MoveDirectory(temporary, target);
        }
        catch
        {
            DeleteFolder(temporary);
            throw;
        }

        Best = isBest ? target : Best;
        _own.Remove(target);
        _own.Add(target);
        return Prune();
    }

    /// <summary>Makes the model folder of a checkpoint: its files but the state of training.</summary>
    public void Publish(string checkpoint)
    {
        var temporary = modelFolder + ".tmp";
        DeleteFolder(temporary);
        Directory.CreateDirectory(temporary);
        foreach (var file in Directory.EnumerateFiles(checkpoint).Where(f => Path.GetFileName(f) is not (OptimizerFile or TrainingState.FileName or CheckpointSeal.FileName)))
        {
            AtomicFile.Write(Path.Combine(temporary, Path.GetFileName(file)), target =>
            {
                using var source = File.OpenRead(file);
                source.CopyTo(target);
            });
        }

        DeleteFolder(modelFolder);
        AtomicFile.MoveDirectory(temporary, modelFolder);
    }

    private static void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private List<string> Prune()
    {
        var deleted = _own.Where(c => c != Best).SkipLast(keep).ToList();
        foreach (var checkpoint in deleted)
        {
            // Renamed first: whoever dies while deleting leaves no folder that looks like a checkpoint.
            var dying = checkpoint + ".old";
            DeleteFolder(dying);
            Directory.Move(checkpoint, dying);
            DeleteFolder(dying);
            _own.Remove(checkpoint);
        }

        return deleted;
    }
}
