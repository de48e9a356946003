using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Components;
using ExperimentHub.Web.Components.Controls;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Models;
using ExperimentHub.Web.Projects;
using ExperimentHub.Web.Runs.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ExperimentHub.Web.Runs.Form;

/// <summary>The seven steps as one form, its JSON and its curl line: three views of one draft, which survives leaving the page.</summary>
public sealed partial class NewRunPage(
    RunService runs, RunConfigResolver resolver, DatasetService datasets, ModelService modelService, RunTime runTime, ProjectAccess access,
    FirstRunPreparation preparation, IJSRuntime js)
{
    /// <summary>The address of Home's first step: the bundled sample, the starter model and a short run.</summary>
    public const string FirstRun = "/runs/new?start=sentiment";

    private const string DraftKey = "run-draft";

    private readonly RunDraft _draft = new();
    private readonly HashSet<RunStep> _open = [RunStep.Hyperparameters];
    private IReadOnlyList<DatasetVersion> _versions = [];
    private IReadOnlyList<Model> _models = [];
    private IReadOnlyList<ConfigFault> _faults = [];
    private ResolvedConfig? _resolved;
    private RunEstimate? _estimate;
    private ExpectedTime? _expected;
    private DateTimeOffset? _savedAt;
    private int _waiting;
    private int? _clonedFrom;
    private bool _showFaults;
    private bool _preparing;
    private string? _notPrepared;
    private string _view = "form";
    private string _search = "";
    private string? _wrongJson;
    private string? _jsonFault;

    [CascadingParameter]
    public Workspace Workspace { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "from")]
    private int? From { get; set; }

    [SupplyParameterFromQuery(Name = "start")]
    private string? StartWith { get; set; }

    [SupplyParameterFromQuery(Name = "dataset")]
    private int? WithDataset { get; set; }

    [SupplyParameterFromQuery(Name = "model")]
    private int? WithModel { get; set; }

    private bool HasPrefill => From is not null || StartWith is not null || WithDataset is not null || WithModel is not null;

    private string JsonText => _draft.ToJson().ToJsonString(WireJson.Indented);

    private string Curl =>
        $"curl -X POST {Navigation.BaseUri}api/v1/runs \\\n  -H \"Authorization: Bearer $EXPERIMENTHUB_KEY\" -H 'Content-Type: application/json' \\\n  -d '"
        + new JsonObject { ["project"] = Workspace.Project?.Id, ["config"] = _draft.ToJson() }.ToJsonString(WireJson.Options).Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private IReadOnlyList<Setting> Found => [.. Setting.All.Where(s =>
        s.Name.Contains(_search.Trim(), StringComparison.OrdinalIgnoreCase)
        || S[$"Setting_{s.Name}_Label"].Value.Contains(_search.Trim(), StringComparison.OrdinalIgnoreCase)
        || S[$"Setting_{s.Name}_Help"].Value.Contains(_search.Trim(), StringComparison.OrdinalIgnoreCase))];

    protected override async Task OnInitializedAsync()
    {
        await LoadAsync();
        if (_draft.Dataset.Length == 0 && StartWith is null)
        {
            _open.Add(RunStep.Data);
        }

        if (_draft.Model.Length == 0 && StartWith is null)
        {
            _open.Add(RunStep.Model);
        }
    }

    private async Task LoadAsync()
    {
        _models = [.. (await modelService.ListAsync(Workspace.ProjectIds)).OrderBy(m => m.Source == ModelSource.Run)];
        _versions = [.. (await datasets.ListAsync(Workspace.ProjectIds)).SelectMany(d => d.Versions.OrderByDescending(v => v.Number).Select(v => v))];
        _waiting = (await runs.QueueAsync()).Count + (await runs.ListAsync(Workspace.ProjectIds)).Count(r => r.Status is RunStatus.Starting or RunStatus.Running);
        await PrefillAsync();
        await ValidateAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && StartWith is not null && Workspace is { Project: { } project, CanWrite: true })
        {
            await PrepareAsync(project.Id);
        }
        else if (firstRender && !HasPrefill && await js.InvokeAsync<string?>("localStorage.getItem", DraftKey) is { } saved)
        {
            try
            {
                _draft.Read(JsonNode.Parse(saved)!.AsObject());
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                await js.InvokeVoidAsync("localStorage.removeItem", DraftKey);   // written by an older page
            }

            await ValidateAsync();
            StateHasChanged();
        }
    }

    private async Task PrepareAsync(int projectId)
    {
        _preparing = true;
        StateHasChanged();
        try
        {
            await preparation.EnsureAsync(projectId, Workspace.UserId);
            await LoadAsync();
        }
        catch (InputException e)
        {
            _notPrepared = FaultText.Of(FaultTexts, e.Code, e.Arguments, e.Message);
        }

        _preparing = false;
        StateHasChanged();
    }

    private async Task PrefillAsync()
    {
        if (From is { } from && await runs.FindAsync(from) is { } run && await access.AllowsAsync(Workspace.User, run.ProjectId, Projects.Access.Read))
        {
            _clonedFrom = run.Id;
            _draft.Read(JsonNode.Parse(run.ConfigJson)!.AsObject());
            _draft.Model = run.ModelId.ToString(CultureInfo.InvariantCulture);
            var version = _versions.FirstOrDefault(v => v.Id == run.DatasetVersionId);
            _draft.Dataset = version is null ? "" : ValueOf(version);
            _draft.Name = NextName(run.Name);
            return;
        }

        var sample = _versions.FirstOrDefault(v => v.Dataset?.IsSample == true);
        var data = WithDataset is { } wanted ? _versions.FirstOrDefault(v => v.DatasetId == wanted) : sample ?? (_versions.Count > 0 ? _versions[0] : null);
        var model = WithModel is { } id ? _models.FirstOrDefault(m => m.Id == id) : _models.FirstOrDefault(m => m.Source == ModelSource.Starter) ?? (_models.Count > 0 ? _models[0] : null);
        _draft.Dataset = data is null ? "" : ValueOf(data);
        _draft.Model = model?.Id.ToString(CultureInfo.InvariantCulture) ?? "";
        if (StartWith == "sentiment")
        {
            _draft.Name = L["FirstRun_Name"];
            _draft.Set("epochs", "3");
        }
        else if (data?.Dataset is { } dataset && model is not null)
        {
            _draft.Name = $"{Short(model.Name)}-{Short(dataset.Name)}";
        }
    }

    private async Task ChangedAsync()
    {
        await ValidateAsync();
        _wrongJson = _jsonFault = null;
        await js.InvokeVoidAsync("localStorage.setItem", DraftKey, _draft.ToJson().ToJsonString());
        _savedAt = DateTimeOffset.UtcNow;
    }

    private async Task ValidateAsync()
    {
        var resolved = await resolver.ResolveAsync(_draft.ToJson(), Workspace.Project?.Id ?? 0);
        (_resolved, _faults) = (resolved, resolved.Faults);
        NameAsTheListsDo(resolved);
        var model = resolved.Model is { } m ? JsonSerializer.Deserialize<ModelInfo>(m.InfoJson, WireJson.Options) : null;
        _estimate = RunEstimate.Of(resolved.Config, model, resolved.Facts.TrainRows, resolved.Facts.Labels);
        _expected = _estimate is null ? null : await runTime.ExpectAsync(resolved, _estimate, Workspace.ProjectIds);
    }

    /// <summary>A name, a hash or an id without a version, from JSON or from a script, becomes what the lists of the form hold.</summary>
    private void NameAsTheListsDo(ResolvedConfig resolved)
    {
        _draft.Model = resolved.Model?.Id.ToString(CultureInfo.InvariantCulture) ?? _draft.Model;
        _draft.Dataset = resolved.Dataset is { } version ? ValueOf(version) : _draft.Dataset;
    }

    private async Task StartAsync()
    {
        await ValidateAsync();
        _showFaults = true;
        if (_faults.Count == 0 && Workspace is { Project: { } project, CanWrite: true })
        {
            var (run, resolved) = await runs.CreateAsync(_draft.ToJson(), project.Id, Workspace.UserId, _clonedFrom);
            if (run is not null)
            {
                await js.InvokeVoidAsync("localStorage.removeItem", DraftKey);
                Navigation.NavigateTo($"/runs/{run.Id}");
                return;
            }

            _faults = resolved.Faults;
        }

        if (_faults.Count > 0)
        {
            (_view, _search) = ("form", "");
            StateHasChanged();
            await js.InvokeVoidAsync("hubForms.show", ControlOf(_faults[0].Field));
        }
    }

    private async Task RepairAllAsync()
    {
        foreach (var fault in _faults.Where(f => f.Suggestion is not null && Setting.Find(f.Field) is not null))
        {
            _draft.Set(fault.Field, SettingValue.Write(fault.Suggestion));
        }

        await ChangedAsync();
    }

    private async Task ReadJsonAsync(string text)
    {
        try
        {
            var unknown = _draft.Read(JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip })!.AsObject());
            await ChangedAsync();
            _showFaults = true;
            _jsonFault = unknown.Count > 0 ? L["JsonUnknown", string.Join(", ", unknown.Take(10).Select(n => InputException.Quote(n)))].Value : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException)
        {
            _wrongJson = text;
            _jsonFault = e is JsonException { LineNumber: { } line } ? L["JsonWrongAt", line + 1] : L["JsonWrong"];
        }
    }

    private void Toggle(RunStep step)
    {
        if (!_open.Remove(step))
        {
            _open.Add(step);
        }
    }

    private ConfigFault? Fault(string field) => _showFaults || Setting.Find(field) is not null ? _faults.FirstOrDefault(f => f.Field == field) : null;

    private string Told(ConfigFault fault) => FaultText.Of(FaultTexts, fault.Code, fault.Arguments, fault.Message);

    private int CountOf(RunStep step) => _faults.Count(f => StepOf(f.Field) == step && (_showFaults || Setting.Find(f.Field) is not null));

    private bool IsSettled(RunStep step) => step switch
    {
        RunStep.Data => _draft.Dataset.Length > 0,
        RunStep.Model => _draft.Model.Length > 0,
        RunStep.Deployment => false,
        _ => true,
    };

    private string SummaryOf(RunStep step) => step switch
    {
        RunStep.Data => Version() is { } v ? L["Summary_Data", v.Dataset.Name, Numbers.Count(v.Rows)] : L["NotChosen"],
        RunStep.Model => _models.FirstOrDefault(m => m.Id.ToString(CultureInfo.InvariantCulture) == _draft.Model) is { } m ? L["Summary_Model", m.Name, Numbers.Short(m.Parameters)] : L["NotChosen"],
        RunStep.Hyperparameters => RunPreset.All.FirstOrDefault(p => p.Fits(_draft)) is { } preset ? L["Preset_" + preset.Name] : L["Summary_Own", _draft.Changed.Count()],
        RunStep.Trainable => S["Choice_trainable_" + _draft.Text(Setting.Find("trainable")!)],
        RunStep.Training => L["Summary_Training", S["Choice_precision_" + _draft.Text(Setting.Find("precision")!)].Value, _draft.Text(Setting.Find("seed")!)],
        RunStep.Evaluation => S["Choice_metric_for_best_" + _draft.Text(Setting.Find("metric_for_best")!)],
        _ => L["Summary_Deployment"],
    };

    private DatasetVersion? Version() => _versions.FirstOrDefault(v => ValueOf(v) == _draft.Dataset);

    private string FieldName(string field) => Setting.Find(field) is not null ? S[$"Setting_{field}_Label"] : L["Field_" + field] is { ResourceNotFound: false } name ? name : field;

    private static IReadOnlyList<Setting> SettingsOf(RunStep step) => [.. Setting.All.Where(s => s.Step == step)];

    private static RunStep? StepOf(string field) => field switch
    {
        "name" => null,
        "model" => RunStep.Model,
        _ => Setting.Find(field)?.Step ?? RunStep.Data,
    };

    private static string ControlOf(string field) => field == "name" ? "run-name" : "setting-" + field;

    internal static string ValueOf(DatasetVersion version) => string.Create(CultureInfo.InvariantCulture, $"{version.DatasetId}@{version.Number}");

    /// <summary><c>sst2-head</c> → <c>sst2-head-2</c> → <c>sst2-head-3</c>.</summary>
    private static string NextName(string name)
    {
        var dash = name.LastIndexOf('-');
        return dash > 0 && int.TryParse(name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? string.Create(CultureInfo.InvariantCulture, $"{name[..dash]}-{number + 1}")
            : name + "-2";
    }

    private static string Short(string name) => string.Join('-', name.Split([' ', ',', '.', '_', '(', ')'], StringSplitOptions.RemoveEmptyEntries).Take(2)).ToLowerInvariant();
}
