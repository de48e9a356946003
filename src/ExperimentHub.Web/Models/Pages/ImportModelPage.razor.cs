using System.Globalization;
using ExperimentHub.Engine.ModelHubs;
using ExperimentHub.Engine.Models;
using ExperimentHub.Web.Adapters;
using ExperimentHub.Web.Components;
using ExperimentHub.Web.Workers;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Models.Pages;

/// <summary>The ways to a model: the starter, a Hugging Face folder, a model hub, or one from scratch; and to an adapter of one.</summary>
public sealed partial class ImportModelPage
{
    private string _path = "";
    private bool _isAdapter;

    /// <summary>The import that is under way, so that the address shows it again.</summary>
    [SupplyParameterFromQuery(Name = "job")]
    public int? JobId { get; set; }

    /// <summary>The base of an adapter to begin with.</summary>
    [SupplyParameterFromQuery(Name = "base")]
    public int? BaseId { get; set; }

    /// <summary>The tokenizer of a model from scratch to begin with, as addresses name it.</summary>
    [SupplyParameterFromQuery(Name = "tokenizer")]
    public string? TokenizerKey { get; set; }

    [CascadingParameter]
    public Workspace Workspace { get; set; } = default!;

    [Inject]
    private ModelImports Imports { get; set; } = default!;

    [Inject]
    private ModelHubBrowser Hub { get; set; } = default!;

    [Inject]
    private AdapterService Adapters { get; set; } = default!;

    [Inject]
    private ScratchModels Scratch { get; set; } = default!;

    [Inject]
    private IStringLocalizer<ModelText> L { get; set; } = default!;

    protected override string AddressOf(int result) => $"/models/{result}";

    protected override async Task OnInitializedAsync()
    {
        if (JobId is { } id && RendererInfo.IsInteractive)
        {
            await ResumeAsync(id, Workspace.ProjectIds);
        }
    }

    private async Task CreateAsync(ModelCreation creation)
    {
        await StartAsync((project, owner) => Scratch.CreateAsync(creation, project, owner));
        StateHasChanged();   // the panel called, so the page does not know by itself
    }

    private async Task StartHubAsync(ModelHubPlan plan, string? token)
    {
        await StartAsync((project, owner) => Imports.HubAsync(plan.Source, Hub.Required, token, name: null, project, owner));
        StateHasChanged();   // the panel called, so the page does not know by itself
    }

    private async Task StartAdapterAsync(AdapterSource source)
    {
        await StartAsync(
            (project, owner) => source.Upload is { } upload ? Adapters.UploadAsync(upload, null, source.Base, project, owner) : Adapters.PathAsync(source.Path!, null, source.Base, project, owner),
            isAdapter: true);
        StateHasChanged();
    }

    private Task StartAsync(Func<int, string, Task<Job>> queue, bool isAdapter = false) =>
        Workspace.Project is { } project && !IsAtWork ? StartAsync(async () =>
        {
            _isAdapter = isAdapter;
            var job = await queue(project.Id, Workspace.UserId);
            Navigation.NavigateTo(string.Create(CultureInfo.InvariantCulture, $"/models/import?job={job.Id}"), replace: true);
            return job;
        }) : Task.CompletedTask;
}
