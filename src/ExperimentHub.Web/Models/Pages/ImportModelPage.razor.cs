using System.Globalization;
using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Models;
using ExperimentHub.Web.Components;
using ExperimentHub.Web.Components.Controls;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Workers;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Models.Pages;

/// <summary>Three ways to a model: the starter, a Hugging Face folder, or one from scratch.</summary>
public sealed partial class ImportModelPage : ComponentBase, IDisposable
{
    private List<DatasetVersion> _versions = [];
    private ModelPreset _preset = ModelPreset.All[1];
    private string _vocabulary = Text(ModelPreset.All[1].VocabularySize);
    private string _name = "";
    private string _hash = "";
    private string _path = "";
    private JobView? _job;
    private string? _fault;
    private Watch? _watch;

    [CascadingParameter]
    public Workspace Workspace { get; set; } = default!;

    [Inject]
    private ModelImports Imports { get; set; } = default!;

    [Inject]
    private DatasetService Datasets { get; set; } = default!;

    [Inject]
    private JobService Jobs { get; set; } = default!;

    [Inject]
    private HubEvents Events { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IStringLocalizer<ModelText> L { get; set; } = default!;

    [Inject]
    private IStringLocalizer<FaultText> Faults { get; set; } = default!;

    private bool Busy => _job is { Job.Status: JobStatus.Queued or JobStatus.Running };

    private IEnumerable<Option> DataOptions => _versions.Select(v => new Option(v.Hash, $"{v.Dataset.Name} · {Numbers.Count(v.Rows)}"));

    public void Dispose() => _watch?.Dispose();

    protected override async Task OnInitializedAsync()
    {
        _versions = [.. (await Datasets.ListAsync(Workspace.ProjectIds)).Select(d => d.Versions.MaxBy(v => v.Number)).OfType<DatasetVersion>()];
        _hash = _versions.Count > 0 ? _versions[0].Hash : "";
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
            VocabularySize = int.TryParse(_vocabulary, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : _preset.VocabularySize,
        },
        project,
        owner));

    private async Task StartAsync(Func<int, string, Task<Job>> queue)
    {
        if (Workspace.Project is null || Busy)
        {
            return;
        }

        _fault = null;
        try
        {
            var job = await queue(Workspace.Project.Id, Workspace.UserId);
            _job = new JobView(job, null);
            _watch?.Dispose();
            _watch = new Watch(Events, () => InvokeAsync(FollowAsync), DispatchExceptionAsync).On(HubEvents.Job(job.Id));
            await FollowAsync();   // it may have ended before we listened
        }
        catch (InputException e)
        {
            _fault = FaultText.Of(Faults, e.Code, e.Arguments, e.Message);
        }
    }

    private async Task FollowAsync()
    {
        if (_job is null || await Jobs.FindAsync(_job.Job.Id) is not { } view)
        {
            return;
        }

        _job = view;
        switch (view.Job)
        {
            case { Status: JobStatus.Finished, ResultId: { } model }:
                Navigation.NavigateTo($"/models/{model}");
                break;
            case { Status: JobStatus.Failed } failed:
                _fault = FaultText.Of(
                    Faults, failed.ErrorCode, failed.ErrorArguments is { } arguments ? JsonSerializer.Deserialize<string[]>(arguments) : null, failed.Error ?? L["Failed"]);
                break;
        }

        StateHasChanged();
    }
}
