using System.Globalization;
using ExperimentHub.Engine;
using ExperimentHub.Engine.Models;
using ExperimentHub.Engine.Models.Presets;
using ExperimentHub.Engine.Tokenizers;
using ExperimentHub.Web.Components;
using ExperimentHub.Web.Components.Controls;
using ExperimentHub.Web.Datasets;
using ExperimentHub.Web.Playground;
using ExperimentHub.Web.Tokenizers;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace ExperimentHub.Web.Models.Pages;

/// <summary>The form of a model from scratch.</summary>
public sealed partial class ScratchPanel
{
    private readonly Dictionary<string, ModelPlan> _plans = new(StringComparer.Ordinal);
    private List<DatasetVersion> _versions = [];
    private IReadOnlyList<TokenizerChoice> _choices = [];
    private FamilyPreset _family = FamilyPresets.All[0];
    private ModelPreset _size = FamilyPresets.All[0].Sizes[1];
    private TokenizerChoice? _tokenizer;
    private TokenizerRoles? _roles;
    private string? _rolesFault;
    private string _vocabulary = Text(FamilyPresets.All[0].Sizes[1].VocabularySize);
    private string _name = "";
    private string _hash = "";
    private bool _loaded;

    [Parameter]
    public bool Disabled { get; set; }

    /// <summary>The tokenizer to begin with, as addresses name it.</summary>
    [Parameter]
    public string? Tokenizer { get; set; }

    [Parameter]
    public EventCallback<ModelCreation> OnStart { get; set; }

    [CascadingParameter]
    public Workspace Workspace { get; set; } = default!;

    [Inject]
    private DatasetService Datasets { get; set; } = default!;

    [Inject]
    private TokenizerService Tokenizers { get; set; } = default!;

    [Inject]
    private ServingService Serving { get; set; } = default!;

    [Inject]
    private IStringLocalizer<ModelText> L { get; set; } = default!;

    [Inject]
    private IStringLocalizer<FaultText> FaultTexts { get; set; } = default!;

    private string SuggestedName => $"{_family.Type}-{_size.Name}";

    private int? VocabularySize => int.TryParse(_vocabulary, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;

    private string? VocabularyFault => _tokenizer is not null || VocabularySize is >= ModelCreator.SmallestVocabulary and <= ModelCreator.LargestVocabulary
        ? null
        : FaultText.Of(FaultTexts, "model.vocabulary_size", [ModelCreator.SmallestVocabulary, ModelCreator.LargestVocabulary], "");

    private string? TokenizerFault
    {
        get
        {
            try
            {
                if (_roles is not null)
                {
                    _family.Check(_roles);
                }

                return _rolesFault;
            }
            catch (InputException e)
            {
                return FaultText.Of(FaultTexts, e.Code, e.Arguments, e.Message);
            }
        }
    }

    /// <summary>A tokenizer that nothing is known of yet is still being asked.</summary>
    private bool IsReady => VocabularyFault is null && TokenizerFault is null && (_tokenizer is null || _roles is not null);

    private string? TokenizerNote => _roles is not null && _family.Warn(_roles.Special) is { } warning ? StoredModel.Sentence(L, warning) : null;

    /// <summary>Rows of the word embeddings; what cannot be is shown as the preset's own.</summary>
    private int Rows => RowsOf(_size);

    private ModelPlan Plan => PlanOf(_size);

    private IEnumerable<Option> FamilyOptions => FamilyPresets.All.Select(f => new Option(f.Type, L["FamilyOption", f.Title, L["Kind_" + f.Kind]]));

    private IEnumerable<Option> TokenizerOptions =>
    [
        .. _versions.Count > 0 || _tokenizer is null ? [new Option("", L["ScratchLearn"])] : Array.Empty<Option>(),
        .. _choices.Select(c => new Option(c.Key, c.IsTrained ? c.Name : L["TokenizerOf", c.Name])),
    ];

    private IEnumerable<Option> DataOptions => _versions.Select(v => new Option(v.Hash, $"{v.Dataset.Name} · {Numbers.Count(v.Rows)}"));

    protected override async Task OnInitializedAsync()
    {
        IReadOnlyList<int> projects = Workspace.Project is { } project ? [project.Id] : [];
        _versions = [.. (await Datasets.ListAsync(projects)).Select(d => d.Versions.MaxBy(v => v.Number)).OfType<DatasetVersion>()];
        _choices = projects.Count > 0 ? await Tokenizers.ChoicesAsync(projects[0]) : [];
        _hash = _versions.Count > 0 ? _versions[0].Hash : "";
        _loaded = true;
        if (RendererInfo.IsInteractive && (Tokenizer ?? (_versions.Count == 0 && _choices.Count > 0 ? _choices[0].Key : null)) is { } key)
        {
            await ChooseTokenizerAsync(key);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void ChooseFamily(string type)
    {
        _family = FamilyPresets.Find(type);
        ChooseSize(_family.Sizes.FirstOrDefault(s => s.Name == _size.Name) ?? _family.Sizes[^1]);
    }

    private void ChooseSize(ModelPreset size)
    {
        _size = size;
        _vocabulary = Text(size.VocabularySize);
    }

    private async Task ChooseTokenizerAsync(string key)
    {
        (_tokenizer, _roles, _rolesFault) = (_choices.FirstOrDefault(c => c.Key == key), null, null);
        if (_tokenizer is null)
        {
            return;
        }

        try
        {
            _roles = await Serving.RolesAsync(_tokenizer.Hash, CancellationToken.None);
        }
        catch (InputException e)
        {
            _rolesFault = FaultText.Of(FaultTexts, e.Code, e.Arguments, e.Message);
        }
    }

    private int RowsOf(ModelPreset size) => _roles?.Ids ?? (size == _size && VocabularyFault is null && VocabularySize is { } rows ? rows : size.VocabularySize);

    private ModelPlan PlanOf(ModelPreset size)
    {
        var rows = RowsOf(size);
        var special = TokenizerFault is null ? _roles?.Special : null;
        var key = string.Create(CultureInfo.InvariantCulture, $"{_family.Type} {size.Name} {rows} {special?.Pad}");
        if (!_plans.TryGetValue(key, out var plan))
        {
            _plans[key] = plan = special is null ? _family.Plan(size, rows) : _family.Plan(size, rows, special);
        }

        return plan;
    }

    private Task CreateAsync() => OnStart.InvokeAsync(new ModelCreation
    {
        Name = _name,
        Family = _family.Type,
        Preset = _size.Name,
        Tokenizer = _tokenizer?.Hash,
        Dataset = _tokenizer is null ? _hash : null,
        VocabularySize = VocabularySize ?? _size.VocabularySize,
    });
}
