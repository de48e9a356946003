using ExperimentHub.Engine;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Presets;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Playground;
using ExperimentHub.Web.Workers;

namespace ExperimentHub.Web.Models;

/// <summary>Queues models from scratch. A tokenizer that will not do is refused before anything is queued. Who may call is decided by the caller.</summary>
public sealed class ScratchModels(JobService jobs, ServingService serving)
{
    /// <exception cref="InputException">There is no such family or size, the tokenizer lacks what it needs, or the name is too long.</exception>
    public async Task<Job> CreateAsync(ModelCreation creation, int projectId, string ownerId, CancellationToken cancellationToken = default)
    {
        var family = FamilyPresets.Find(creation.Family);
        var size = family.Size(creation.Preset);
        if (creation.Tokenizer is { } tokenizer)
        {
            family.Check(await serving.RolesAsync(tokenizer, cancellationToken));
        }

        var name = ModelImports.Name(creation.Name, $"{family.Type}-{size.Name}");
        return await jobs.QueueAsync(
            JobKinds.CreateModel, name, creation with { Name = name }, new ModelFollowUp { Name = name, Source = ModelSource.FromScratch }, projectId, ownerId, cancellationToken);
    }
}
