using System.Text.Json;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Datasets;
using ExperimentHub.Engine.Protocol;
using ExperimentHub.Web.Components;
using ExperimentHub.Web.Components.Controls;
using ExperimentHub.Web.Workers;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Datasets.Pages;

/// <summary>From a file to a data set: send it, look at what was recognised, correct it, import it.</summary>
public sealed partial class ImportPage
{
    private readonly CancellationTokenSource _closed = new();
    private ImportDraft _draft = new();
    private DatasetSource? _source;
    private DatasetPreview? _preview;
    private string? _fault;
    private bool _busy;

    [CascadingParameter]
    public Workspace Workspace { get; set; } = default!;

    [Inject]
    private DatasetImports Imports { get; set; } = default!;

    [Inject]
    private IStringLocalizer<DatasetText> L { get; set; } = default!;

    /// <summary>A file that is here already: the page shows the same after a reload.</summary>
    [SupplyParameterFromQuery(Name = "upload")]
    private string? WithUpload { get; set; }

    [SupplyParameterFromQuery(Name = "sample")]
    private string? WithSample { get; set; }

    /// <summary>The data set that gets a new version.</summary>
    [SupplyParameterFromQuery(Name = "dataset")]
    private int? WithDataset { get; set; }

    private string Sentence => _preview is { } preview
        ? preview.ProblemRows > 0
            ? L["Sentence_Aside", Numbers.Count(preview.Rows), Numbers.Count(preview.Rows + preview.ProblemRows), Numbers.Count(preview.ProblemRows)]
            : preview.Whole ? L["Sentence_Ready", Numbers.Count(preview.Rows)] : L["Sentence_Beginning", Numbers.Count(preview.Rows)]
        : "";

    private string NameOf(SampleDataset sample) => L["Sample_" + sample.Key];

    protected override string AddressOf(int result) => $"/datasets/{result}";

    protected override void Dispose(bool disposing)
    {
        _closed.Cancel();
        _closed.Dispose();
        base.Dispose(disposing);
    }

    protected override async Task OnInitializedAsync()
    {
        if (RendererInfo.IsInteractive && Workspace.CanWrite && (WithUpload ?? WithSample) is not null)
        {
            _busy = true;
            await ChooseAsync(new DatasetSource { Upload = WithUpload, Sample = WithSample });
        }
    }

    private Task UploadedAsync(string id)
    {
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["upload"] = id, ["sample"] = null }), replace: true);
        return ChooseAsync(new DatasetSource { Upload = id });
    }

    private Task ChooseAsync(DatasetSource source)
    {
        (_source, _draft, _preview, Started, Fault) = (source, new ImportDraft(), null, null, null);
        return InspectAsync();
    }

    private async Task InspectAsync()
    {
        if (_source is null || Workspace.Project is null)
        {
            return;
        }

        (_busy, _fault) = (true, null);
        StateHasChanged();
        try
        {
            var job = await Imports.InspectAsync(_source, _draft.SourceSettings(), Workspace.Project.Id, Workspace.UserId, _closed.Token);
            var ended = (await Jobs.WaitAsync(job.Id, _closed.Token)).Job;
            if (ended is { Status: JobStatus.Finished, ResultJson: { } result })
            {
                var preview = JsonSerializer.Deserialize<DatasetPreview>(result, WireJson.Options)!;
                if (_preview is null)
                {
                    _draft.Begin(preview);
                }

                _preview = preview;
            }
            else
            {
                _fault = TextOf(ended, L["Cancelled"]);
            }
        }
        catch (InputException e)
        {
            _fault = TextOf(e);
        }
        catch (OperationCanceledException)
        {
            return;   // the page is closed
        }

        _busy = false;
    }

    private async Task ImportAsync()
    {
        if (!_draft.SharesAreRight)
        {
            Fault = L["SharesWrong"];
            return;
        }

        await StartAsync(() => Imports.ImportAsync(_source!, _draft.Name, _draft.Settings(_preview!), WithDataset, Workspace.Project!.Id, Workspace.UserId, _closed.Token));
    }
}
