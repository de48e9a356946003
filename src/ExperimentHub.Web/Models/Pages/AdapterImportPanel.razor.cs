using System.Globalization;
using ExperimentHub.Web.Components;
using ExperimentHub.Web.Components.Controls;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Models.Pages;

/// <summary>What is to be imported: an upload or a path of the server, and its base, which is looked for where it is null.</summary>
public sealed record AdapterSource(string? Upload, string? Path, Model? Base);

/// <summary>The form of an adapter.</summary>
public sealed partial class AdapterImportPanel
{
    private IReadOnlyList<Model>? _models;
    private string? _upload;
    private string _path = "";
    private string _base = "";

    [Parameter]
    public bool Disabled { get; set; }

    /// <summary>Why the last one did not become an adapter; most often its base is another.</summary>
    [Parameter]
    public string? Fault { get; set; }

    /// <summary>The base to begin with.</summary>
    [Parameter]
    public int? BaseId { get; set; }

    [Parameter]
    public EventCallback<AdapterSource> OnStart { get; set; }

    [CascadingParameter]
    public Workspace Workspace { get; set; } = default!;

    [Inject]
    private ModelService Models { get; set; } = default!;

    [Inject]
    private IStringLocalizer<ModelText> L { get; set; } = default!;

    private AdapterSource? Source => _upload is null && _path.Trim().Length == 0 ? null
        : new(_path.Trim().Length > 0 ? null : _upload, _path.Trim().Length > 0 ? _path.Trim() : null, _models!.FirstOrDefault(m => Key(m) == _base));

    private IEnumerable<Option> BaseOptions => [new Option("", L["AdapterBaseGuess"]), .. _models!.Select(m => new Option(Key(m), m.Name))];

    protected override async Task OnInitializedAsync()
    {
        _models = Workspace.Project is { } project ? await Models.ListAsync([project.Id]) : [];
        _base = _models.FirstOrDefault(m => m.Id == BaseId) is { } known ? Key(known) : "";
    }

    private static string Key(Model model) => model.Id.ToString(CultureInfo.InvariantCulture);

    private Task StartAsync() => Source is { } source ? OnStart.InvokeAsync(source) : Task.CompletedTask;
}
