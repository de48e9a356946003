using ExperimentHub.Engine;
using ExperimentHub.Engine.ModelHubs;
using ExperimentHub.Web.Components;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Models.Pages;

/// <summary>Which model of the hub: name, revision, token; a look at its files; and the start.</summary>
public sealed partial class HubImportPanel : IDisposable
{
    private const string ExampleRepository = "google-bert/bert-base-chinese";
    private const string ExampleToken = "hf_…";

    private readonly CancellationTokenSource _gone = new();
    private string _repository = "";
    private string _revision = "";
    private string _token = "";
    private bool _isLooking;
    private ModelHubPlan? _plan;
    private InputException? _fault;

    /// <summary>Something is under way on the page.</summary>
    [Parameter]
    public bool Disabled { get; set; }

    /// <summary>Starts the import of the plan with the token, if there is one.</summary>
    [Parameter, EditorRequired]
    public required Func<ModelHubPlan, string?, Task> OnStart { get; set; }

    [Inject]
    private ModelHubBrowser Browser { get; set; } = default!;

    [Inject]
    private IStringLocalizer<ModelText> L { get; set; } = default!;

    [Inject]
    private IStringLocalizer<FaultText> FaultTexts { get; set; } = default!;

    private enum HubField
    {
        None,
        Repository,
        Revision,
        Token,
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <summary>Another name or revision is another model: what was shown no longer holds.</summary>
    private void Change(Action change)
    {
        change();
        (_plan, _fault) = (null, null);
    }

    private async Task LookAsync()
    {
        (_isLooking, _fault) = (true, null);
        try
        {
            _plan = await Browser.PlanAsync(_repository, _revision, _token, _gone.Token);
        }
        catch (InputException e)
        {
            _fault = e;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page was left.
        }
        finally
        {
            _isLooking = false;
        }
    }

    private async Task StartAsync()
    {
        await OnStart(_plan!, _token);
        (_plan, _token) = (null, "");
    }

    private string? FaultAt(HubField field) => _fault is { } fault && FieldOf(fault.Code) == field ? FaultText.Of(FaultTexts, fault.Code, fault.Arguments, fault.Message) : null;

    private static HubField FieldOf(string code) => code switch
    {
        "model_hub.name" or "model_hub.no_repository" or "model_hub.not_seen" or "model_hub.no_config" or "model_hub.no_weights" => HubField.Repository,
        "model_hub.revision_name" or "model_hub.no_revision" => HubField.Revision,
        "model_hub.token" or "model_hub.gated" or "model_hub.not_on_list" or "model_hub.forbidden" => HubField.Token,
        _ => HubField.None,
    };
}
