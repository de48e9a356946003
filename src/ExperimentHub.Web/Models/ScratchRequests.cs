using System.Security.Claims;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Presets;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Projects;
using ExperimentHub.Web.Tokenizers;
using ExperimentHub.Web.Workers;

namespace ExperimentHub.Web.Models;

/// <summary>A family that a model can be begun in, with its sizes over vocabularies of their own.</summary>
public sealed record FamilyPresetView(string Family, string Title, string Kind, string Tokenizer, IReadOnlyList<SizePresetView> Sizes)
{
    public static FamilyPresetView Of(FamilyPreset family) =>
        new(family.Type, family.Title, family.Kind, family.Tokenizer.Kind, [.. family.Sizes.Select(s => SizePresetView.Of(s, family.Plan(s, s.VocabularySize)))]);
}

public sealed record SizePresetView(string Preset, int Layers, int HiddenSize, int Heads, int VocabularySize, int MaxLength, long Parameters, long WeightBytes, long TrainingBytes)
{
    public static SizePresetView Of(ModelPreset size, ModelPlan plan) =>
        new(size.Name, size.Layers, size.HiddenSize, size.Heads, size.VocabularySize, size.MaxLength, plan.Parameters, plan.WeightBytes, plan.TrainingBytes);
}

/// <summary>Models from scratch by REST: ids become content hashes, of things that the caller may read.</summary>
public sealed class ScratchRequests(ScratchModels scratch, DatasetService datasets, TokenizerService tokenizers, ModelService models, ProjectAccess access)
{
    /// <exception cref="InputException">Something is not there, or will not do.</exception>
    public async Task<Job> CreateAsync(ImportModelRequest request, ClaimsPrincipal user, int project, string owner, CancellationToken cancellationToken)
    {
        var creation = new ModelCreation { Name = request.Name ?? "", Family = request.Family ?? "bert", Preset = request.Preset!, VocabularySize = request.VocabularySize ?? 0 };
        creation = request switch
        {
            { Tokenizer: { } id } => creation with { Tokenizer = await TrainedAsync(id, user, cancellationToken) },
            { TokenizerOf: { } id } => creation with { Tokenizer = await OfModelAsync(id, user, cancellationToken) },
            { Dataset: { } id } when await datasets.FindVersionAsync(id, cancellationToken) is { } version && version.Dataset.ProjectId == project => creation with { Dataset = version.Hash },
            _ => throw new InputException("Say over which vocabulary: the id of a data set version of this project, of a tokenizer, or of a model that has one.", "model.no_vocabulary"),
        };
        return await scratch.CreateAsync(creation, project, owner, cancellationToken);
    }

    private async Task<string> TrainedAsync(int id, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await tokenizers.FindAsync(id, cancellationToken) is { DeletedAt: null } tokenizer && await access.AllowsAsync(user, tokenizer.ProjectId, Access.Read, cancellationToken) ? tokenizer.Hash : throw Missing();

    private async Task<string> OfModelAsync(int id, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await models.FindAsync(id, cancellationToken) is { DeletedAt: null } model && await access.AllowsAsync(user, model.ProjectId, Access.Read, cancellationToken) ? model.Hash : throw Missing();

    private static InputException Missing() => new("There is no such tokenizer; name one that you can see by its id.", "model.no_tokenizer");
}
