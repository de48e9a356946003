using System.Globalization;
using ExperimentHub.Engine.Tokenizers.Training;
using ExperimentHub.Web.Components;
using ExperimentHub.Web.Components.Controls;
using ExperimentHub.Web.Datasets;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Tokenizers.Pages;

/// <summary>Trains a tokenizer on the texts of a data set.</summary>
public sealed partial class NewTokenizerPage
{
    private List<DatasetVersion>? _versions;
    private DatasetVersion? _version;
    private string _kind = TokenizerTraining.ByteLevelBpe;
    private string _size = "8000";
    private string _name = "";
    private bool _lowercase = true;

    [CascadingParameter]
    public Workspace Workspace { get; set; } = default!;

    /// <summary>The data set to begin with.</summary>
    [SupplyParameterFromQuery(Name = "dataset")]
    public int? DatasetId { get; set; }

    /// <summary>The training that is under way, so that the address shows it again.</summary>
    [SupplyParameterFromQuery(Name = "job")]
    public int? JobId { get; set; }

    [Inject]
    private TokenizerService Tokenizers { get; set; } = default!;

    [Inject]
    private DatasetService Datasets { get; set; } = default!;

    [Inject]
    private IStringLocalizer<TokenizerText> L { get; set; } = default!;

    [Inject]
    private IStringLocalizer<FaultText> FaultTexts { get; set; } = default!;

    private int? Size => int.TryParse(_size, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;

    private string? SizeFault => Size is >= TokenizerTrainer.SmallestVocabulary and <= TokenizerTrainer.LargestVocabulary
        ? null
        : FaultText.Of(FaultTexts, "model.vocabulary_size", [TokenizerTrainer.SmallestVocabulary, TokenizerTrainer.LargestVocabulary], "");

    private IEnumerable<Option> DataOptions => _versions!.Select(v => new Option(v.Id.ToString(CultureInfo.InvariantCulture), L["DataOption", v.Dataset.Name, Numbers.Count(v.Rows)]));

    private string SuggestedName => _version is null ? "" : $"{_version.Dataset.Name} {_kind} {Size}";

    protected override string AddressOf(int result) => TokenizerService.AddressOf(result);

    protected override async Task OnInitializedAsync()
    {
        _versions = [.. (await Datasets.ListAsync(Workspace.Project is { } project ? [project.Id] : [])).Select(d => d.Versions.MaxBy(v => v.Number)).OfType<DatasetVersion>()];
        _version = _versions.Find(v => v.DatasetId == DatasetId) ?? _versions.FirstOrDefault();
        if (JobId is { } id && RendererInfo.IsInteractive)
        {
            await ResumeAsync(id, Workspace.ProjectIds);
        }
    }

    private void ChooseData(string id) => _version = _versions!.Find(v => v.Id.ToString(CultureInfo.InvariantCulture) == id);

    private Task TrainAsync() => _version is { } version && Size is { } size && !IsAtWork
        ? StartAsync(async () =>
        {
            var training = new TokenizerTraining { Kind = _kind, VocabularySize = size, Lowercase = _lowercase };
            var job = await Tokenizers.TrainAsync(version, version.Dataset, training, _name, Workspace.UserId);
            Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("job", job.Id), replace: true);
            return job;
        })
        : Task.CompletedTask;
}
