using ExperimentHub.Engine;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Data;
using ExperimentHub.Web.Models;
using Microsoft.EntityFrameworkCore;

namespace ExperimentHub.Web.Runs;

/// <summary>Takes what a finished run left into the store.</summary>
public sealed class RunResults(IDbContextFactory<HubDbContext> databases, ModelService models, HubPaths paths)
{
    /// <summary>Stores the run's model under its content hash and makes its row; returns the model's id.</summary>
    /// <exception cref="IOException">The folder is not there or cannot be read.</exception>
    public async Task<int> RegisterModelAsync(int runId, JobFolder folder, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var run = await database.Runs.AsNoTracking().SingleAsync(r => r.Id == runId, cancellationToken);
        var hash = await Task.Run(() => Store(folder), cancellationToken);
        return await models.RegisterOfRunAsync(run.Id, run.Name, hash, run.ModelId, run.ProjectId, run.OwnerId, cancellationToken);
    }

    private string Store(JobFolder folder)
    {
        var note = folder.At("model.sha256");
        if (File.Exists(note) && File.ReadAllText(note) is var noted && ContentHash.IsValid(noted) && Directory.Exists(paths.Model(noted)))
        {
            return noted;   // done by a hub that died before it wrote the row
        }

        if (!Directory.Exists(folder.ModelFolder))
        {
            throw new InputException("The run left no model.", "run.no_model");
        }

        var hash = ModelHash.OfFolder(folder.ModelFolder);
        AtomicFile.WriteAllText(note, hash);
        if (!Directory.Exists(paths.Model(hash)))
        {
            // Moved, not copied: the attempt keeps its checkpoints, the model lives in the store from here on.
            AtomicFile.MoveDirectory(folder.ModelFolder, paths.Model(hash));
        }

        return hash;
    }
}
