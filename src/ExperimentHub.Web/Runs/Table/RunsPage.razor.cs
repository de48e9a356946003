using System.Globalization;
using ExperimentHub.Engine.Configuration;
using ExperimentHub.Web.Components;
using ExperimentHub.Web.Components.Charts;
using ExperimentHub.Web.Components.Controls;
using ExperimentHub.Web.Runs.Pages;
using ExperimentHub.Web.Workers;
using Microsoft.AspNetCore.Components;

namespace ExperimentHub.Web.Runs.Table;

/// <summary>All runs of the project; filter, columns, order and selection are in the address, and the selection feeds the charts.</summary>
public sealed partial class RunsPage
{
    private static readonly (string Key, bool Tall)[] s_charts = [("eval_f1", false), ("eval_loss", false), ("train_loss", false)];
    private static readonly string[] s_standardColumns = ["metrics.eval_f1", "metrics.eval_loss", "params.learning_rate", "params.trainable", "params.seed"];
    private static readonly string[] s_metricColumns =
        ["metrics.eval_f1", "metrics.eval_accuracy", "metrics.eval_precision", "metrics.eval_recall", "metrics.eval_loss", "metrics.train_loss", "metrics.samples_per_second"];

    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<int, RunState> _known = [];
    private List<RunState> _all = [];
    private List<RunState> _shown = [];
    private int _fitting;
    private HashSet<int> _selected = [];
    private bool _loaded;
    private int _cursor = -1;
    private Watch? _watch;
    private LivePoints? _live;

    [CascadingParameter]
    public Workspace Workspace { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "filter")]
    private string? Filter { get; set; }

    [SupplyParameterFromQuery(Name = "sort")]
    private string? Sort { get; set; }

    [SupplyParameterFromQuery(Name = "columns")]
    private string? ColumnList { get; set; }

    [SupplyParameterFromQuery(Name = "selected")]
    private string? SelectedList { get; set; }

    [SupplyParameterFromQuery(Name = "view")]
    private string? View { get; set; }

    /// <summary>The run that the others are measured against; it stays on top whatever the filter says.</summary>
    [SupplyParameterFromQuery(Name = "baseline")]
    private int? BaselineId { get; set; }

    private static IEnumerable<string> AllColumns => s_metricColumns.Concat(Setting.All.Select(s => "params." + s.Name));

    private static IEnumerable<string> FilterWords => AllColumns.Append("status = finished").Append("status = running").Append("status = failed");

    private IReadOnlyList<string> Columns => ColumnList is null ? s_standardColumns : [.. ColumnList.Split(',').Intersect(AllColumns)];

    private string SortColumn => (Sort ?? "-created").TrimStart('-');

    private bool Descending => (Sort ?? "-created").StartsWith('-');

    private RunState? Baseline => _all.Find(s => s.Run.Id == BaselineId);

    private IReadOnlyList<RunState> Selected => [.. _all.Where(s => _selected.Contains(s.Run.Id))];

    /// <summary>What the charts show: the baseline too, for the others to be seen against.</summary>
    private IReadOnlyList<RunState> Charted => Baseline is { } b && Selected.Count > 0 && !_selected.Contains(b.Run.Id) ? [b, .. Selected] : Selected;

    /// <summary>The first is what the comparison measures against.</summary>
    private string CompareLink => "/compare?runs=" + string.Join(',', Charted.Select(s => s.Run.Id).OrderBy(id => id != BaselineId).ThenBy(id => id));

    protected override async Task OnInitializedAsync()
    {
        await LoadAsync();
        if (RendererInfo.IsInteractive)
        {
            _live = new LivePoints(Reader, Js);
            _watch = new Watch(Events, () => InvokeAsync(RefreshAsync), DispatchExceptionAsync, s_rest).On(HubEvents.Runs, HubEvents.Reports);
            BeginActive();
        }
    }

    protected override void OnParametersSet()
    {
        _selected = [.. (SelectedList ?? "").Split(',').Select(s => int.TryParse(s, CultureInfo.InvariantCulture, out var id) ? id : 0).Where(id => id > 0)];
        Arrange();
    }

    public void Dispose() => _watch?.Dispose();

    private async Task LoadAsync()
    {
        var runs = await Runs.ListAsync(Workspace.ProjectIds);
        _all = [.. runs.Select(StateOf)];
        _loaded = true;
        Arrange();
    }

    /// <summary>What has ended is read once; only what moves is read again.</summary>
    private RunState StateOf(Run run)
    {
        if (_known.TryGetValue(run.Id, out var known) && known.HasEnded && known.Run.Status == run.Status && known.Run.AttemptCount == run.AttemptCount && known.Run.Name == run.Name)
        {
            return known;
        }

        return _known[run.Id] = RunState.Of(run, Reader);
    }

    private async Task RefreshAsync()
    {
        await LoadAsync();
        BeginActive();
        if (_live is not null)
        {
            await _live.PushAsync(_all.Where(s => s.IsActive && _selected.Contains(s.Run.Id)));
        }

        StateHasChanged();
    }

    private void BeginActive()
    {
        foreach (var state in _all.Where(s => s.IsActive))
        {
            _live!.Begin(state);
        }
    }

    private void Arrange()
    {
        var filter = new RunFilter(Filter);
        var fitting = _all.Where(filter.Matches);
        _fitting = fitting.Count();
        fitting = fitting.Where(s => s.Run.Id != BaselineId);
        _shown = [.. Descending ? fitting.OrderByDescending(Key) : fitting.OrderBy(Key)];
    }

    private (int, double, string) Key(RunState state) => SortColumn switch
    {
        "created" => (0, state.Run.Id, ""),
        "name" => (0, 0, state.Run.Name),
        _ => RunFilter.ValueOf(state, SortColumn) switch
        {
            double number => (1, number, ""),
            string text when double.TryParse(text.Replace('\u2212', '-'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => (1, number, ""),
            string text => (1, 0, text),
            _ => (Descending ? 0 : 2, 0, ""),   // what has no value stands last
        },
    };

    private void SortBy(string column) => Go("sort", SortColumn == column && Descending ? column : "-" + column);

    private string? SortOf(string column) => SortColumn != column ? null : Descending ? "descending" : "ascending";

    private string Arrow(string column) => SortColumn != column ? "" : Descending ? " ↓" : " ↑";

    private void Select(int id, bool on)
    {
        var selected = _selected.ToHashSet();
        _ = on ? selected.Add(id) : selected.Remove(id);
        GoSelected(selected);
    }

    private void SelectAll(bool on) => GoSelected(on ? [.. _shown.Select(s => s.Run.Id)] : []);

    private void GoSelected(HashSet<int> selected) => Go("selected", selected.Count == 0 ? null : string.Join(',', selected.Order()));

    private void Move(int by) => _cursor = Math.Clamp(_cursor + by, 0, Math.Max(0, _shown.Count - 1));

    private void ToggleAtCursor()
    {
        if (_cursor >= 0 && _cursor < _shown.Count)
        {
            Select(_shown[_cursor].Run.Id, !_selected.Contains(_shown[_cursor].Run.Id));
        }
    }

    private void ChooseColumn(string column, bool on)
    {
        var columns = on ? Columns.Append(column) : Columns.Where(c => c != column);
        Go("columns", string.Join(',', columns));
    }

    private async Task TrashAsync()
    {
        await Actions.TrashAsync(Workspace, [.. Selected.Select(s => s.Run)]);
        GoSelected([]);
    }

    private void Go(string name, string? value) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, string.IsNullOrEmpty(value) ? null : value), replace: true);

    private string? ClassOf(RunState state) =>
        (_selected.Contains(state.Run.Id) ? "selected" : "") + (_cursor >= 0 && _cursor < _shown.Count && _shown[_cursor] == state ? " cursor" : "");

    private IReadOnlyList<ChartSeries> SeriesOf(string key) =>
        CurvesOf(key, Charted.Select(s => (s.Run.Id, s.Run.Name, s.Color)), BaselineId);

    private void Pin(RunState state) => Go("baseline", state.Run.Id == BaselineId ? null : state.Run.Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>The metric of a column and how far a run is from the baseline in it; null where there is nothing to compare.</summary>
    private (string Key, double Value)? DeltaOf(RunState state, string column) =>
        column.StartsWith("metrics.", StringComparison.Ordinal) && Baseline is { } b && b != state
            && RunFilter.ValueOf(state, column) is double value && RunFilter.ValueOf(b, column) is double before
            ? (column["metrics.".Length..], value - before)
            : null;

    private static string Cell(RunState state, string column) => RunFilter.ValueOf(state, column) switch
    {
        double number => Metric.Text(column, number),
        string text => text,
        _ => "–",
    };

    private string NameOf(string column) => column.Split('.', 2) switch
    {
        ["metrics", var key] => R["Metric_" + key] is { ResourceNotFound: false } name ? name : key,
        ["params", var setting] => S[$"Setting_{setting}_Label"],
        _ => column,
    };
}
