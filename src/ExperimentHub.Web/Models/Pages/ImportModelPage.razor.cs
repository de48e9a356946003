using System.Globalization;
using ExperimentHub.Engine.ModelHubs;
using ExperimentHub.Engine.Models;
using ExperimentHub.Web.Components;
using ExperimentHub.Web.Components.Controls;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Workers;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Models.Pages;

/// <summary>Four ways to a model: the starter, a Hugging Face folder, a model hub, or one from scratch.</summary>
public sealed partial class ImportModelPage
{
    private List<DatasetVersion> _versions = [];
    private ModelPreset _preset = ModelPreset.All[1];
    private string _vocabulary = Text(ModelPreset.All[1].VocabularySize);
    private string _name = "";
    private string _hash = "";
    private string _path = "";

    /// <summary>The import that is under way, so that the address shows it again.</summary>
    [SupplyParameterFromQuery(Name = "job")]
    public int? JobId { get; set; }

    [CascadingParameter]
    public Workspace Workspace { get; set; } = default!;

    [Inject]
    private ModelImports Imports { get; set; } = default!;

    [Inject]
    private ModelHubBrowser Hub { get; set; } = default!;

    [Inject]
    private DatasetService Datasets { get; set; } = default!;

    [Inject]
    private IStringLocalizer<ModelText> L { get; set; } = default!;

    [Inject]
    private IStringLocalizer<FaultText> FaultTexts { get; set; } = default!;

    private int? VocabularySize => int.TryParse(_vocabulary, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;

    private string? VocabularyFault => VocabularySize is >= ModelCreator.SmallestVocabulary and <= ModelCreator.LargestVocabulary
        ? null
        : FaultText.Of(FaultTexts, "model.vocabulary_size", [ModelCreator.SmallestVocabulary, ModelCreator.LargestVocabulary], "");

    private IEnumerable<Option> DataOptions => _versions.Select(v => new Option(v.Hash, $"{v.Dataset.Name} · {Numbers.Count(v.Rows)}"));

    protected override string AddressOf(int result) => $"/models/{result}";

    protected override async Task OnInitializedAsync()
    {
        _versions = [.. (await Datasets.ListAsync(Workspace.ProjectIds)).Select(d => d.Versions.MaxBy(v => v.Number)).OfType<DatasetVersion>()];
        _hash = _versions.Count > 0 ? _versions[0].Hash : "";
        if (JobId is { } id && RendererInfo.IsInteractive)
        {
            await ResumeAsync(id, Workspace.ProjectIds);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Choose(ModelPreset preset)
    {
        _preset = preset;
        _vocabulary = Text(preset.VocabularySize);
    }

    private Task CreateAsync() => StartAsync((project, owner) => Imports.CreateAsync(
        new ModelCreation
        {
            Name = _name.Trim().Length > 0 ? _name : "bert-" + _preset.Name,
            Preset = _preset.Name,
            Dataset = _hash,
            VocabularySize = VocabularySize ?? _preset.VocabularySize,
        },
        project,
        owner));

    private async Task StartHubAsync(ModelHubPlan plan, string? token)
    {
        await StartAsync((project, owner) => Imports.HubAsync(plan.Source, Hub.Required, token, name: null, project, owner));
        StateHasChanged();   // the panel called, so the page does not know by itself
    }

    private Task StartAsync(Func<int, string, Task<Job>> queue) =>
        Workspace.Project is { } project && !IsAtWork ? StartAsync(async () =>
        {
            var job = await queue(project.Id, Workspace.UserId);
            Navigation.NavigateTo(string.Create(CultureInfo.InvariantCulture, $"/models/import?job={job.Id}"), replace: true);
            return job;
        }) : Task.CompletedTask;
}
